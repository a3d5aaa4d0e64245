/** It cannot begin, or not go on, because of where or how it was started: why, and what to do, for people. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
