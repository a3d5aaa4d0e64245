/** The socket that a running daemon holds in its network namespace. */
import { connect } from 'node:net';

/** An abstract Unix socket: the kernel frees the name when the daemon ends, however it ends. */
const lockSocket = '\0rulewright';

/** An accepting daemon answers at once; one that is stopped still has its backlog. */
const connectTimeoutMs = 2000;

/** Whether a daemon runs in this network namespace. One that does not accept in time counts: it holds the name. */
export function isDaemonRunning(path: string = lockSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (isRunning: boolean): void => {
      socket.destroy();
      resolve(isRunning);
    };
    socket.setTimeout(connectTimeoutMs, () => answer(true));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
