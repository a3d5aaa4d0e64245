/** Lists the ports of a Service for people. */
import type { ServicePort } from '../model/objects.ts';

/** `http (80/TCP), 53/UDP` */
export function describePorts(ports: readonly ServicePort[]): string {
  return ports
    .map(({ name, port, protocol }) => (name === '' ? `${port}/${protocol}` : `${name} (${port}/${protocol})`))
    .join(', ');
}
