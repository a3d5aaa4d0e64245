/** Authentication: which requests the API server lets in. */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Ways to be let in; each counts only when it is there. Everybody is let in when none is. */
export interface Accepts {
  token?: string;
  /** `name:password`. */
  password?: string;
  /** A client certificate of the authority. */
  certificate?: boolean;
}

export function isLetIn(request: IncomingMessage, { token, password, certificate = false }: Accepts): boolean {
  if (token === undefined && password === undefined && !certificate) return true;
  const shown = request.headers.authorization;
  if (token !== undefined && shown === `Bearer ${token}`) return true;
  if (password !== undefined && shown === `Basic ${Buffer.from(password).toString('base64')}`) return true;
  return certificate && request.socket instanceof TLSSocket && request.socket.authorized;
}
