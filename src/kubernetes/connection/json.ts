/** JSON of the API server. */
import { ApiFailure } from './api-failure.ts';

/** Throws an ApiFailure with this message for what is not JSON. */
export function parseJson(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiFailure('unreachable', problem);
  }
}
