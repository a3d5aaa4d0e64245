/** `EADDRINUSE` and the like; undefined for errors that have no code. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
