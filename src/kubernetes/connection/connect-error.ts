/** There is no telling how to reach the API server: what is missing and what to do, one line without credentials. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}
