/** What API servers say when they do not give what was asked for: HTTP status codes, and `Status` objects. */
import { fieldIn, get, isFields, type JsonFields, textIn } from '../../core/manifest/value.ts';
import { plainText } from '../../core/structures/safe-text.ts';
import { ApiFailure, type FailureReason } from './api-failure.ts';

/** What was asked, for the message: `list services`. */
export interface Asked {
  readonly verb: string;
  readonly resource: string;
}

/** The failure that an HTTP answer stands for; `body` is its text, `retryAfter` the header. */
export function failureOfAnswer(
  asked: Asked,
  {
    code,
    body,
    retryAfter,
  }: { readonly code: number; readonly body: string; readonly retryAfter?: string | undefined },
  nowMs: number,
): ApiFailure {
  const failure = failureOfStatus(asked, { ...parseFields(body), code });
  const askedMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs);
  return askedMs === undefined ? failure : new ApiFailure(failure.reason, failure.message, askedMs);
}

/** The failure that a `Status` object stands for: the body of an answer, or the object of an ERROR event. */
export function failureOfStatus(asked: Asked, status: unknown): ApiFailure {
  const fields = isFields(status) ? status : {};
  const code = Number(get(fields, 'code') ?? 0);
  const details = get(fields, 'details');
  const reason = isTooLarge(details) ? 'rolled-back' : reasonOf(code, textIn(fields, 'reason'));
  const seconds = Number(fieldIn(details, 'retryAfterSeconds'));
  const said = plainText(textIn(fields, 'message'));
  return new ApiFailure(reason, messageOf(reason, asked, code, said), seconds > 0 ? seconds * 1000 : undefined);
}

function reasonOf(code: number, reason: string): FailureReason {
  if (code === 410 || reason === 'Expired' || reason === 'Gone') return 'gone';
  if (code === 401) return 'unauthorized';
  if (code === 403) return 'forbidden';
  if (code === 404) return 'absent';
  if (code === 409 && reason === 'AlreadyExists') return 'exists';
  return code >= 400 && code < 500 && code !== 408 && code !== 429 ? 'refused' : 'busy';
}

/** A server that came back with older data says `Timeout`, and why in the causes. */
function isTooLarge(details: unknown): boolean {
  const causes = fieldIn(details, 'causes');
  return Array.isArray(causes) && causes.some((cause) => textIn(cause, 'reason') === 'ResourceVersionTooLarge');
}

function messageOf(reason: FailureReason, { verb, resource }: Asked, code: number, said: string): string {
  const answer = `the API server answers ${code}${said === '' ? '' : `: ${said}`}`;
  switch (reason) {
    case 'unauthorized':
      return `${answer}; check the token, certificate or exec plugin of the kubeconfig or service account`;
    case 'forbidden':
      return `${answer}; grant the verb ${verb} on ${resource} to this user (RBAC: ClusterRole and ClusterRoleBinding)`;
    case 'absent':
      return `${answer}; it does not serve ${resource}`;
    case 'gone':
    case 'rolled-back':
    case 'exists':
    case 'refused':
    case 'busy':
    case 'silent':
    case 'unreachable':
      return answer;
    default:
      return reason satisfies never;
  }
}

/** Seconds, or an HTTP date. */
function parseRetryAfter(text: string, nowMs: number): number | undefined {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return ms > 0 ? ms : undefined;
}

function parseFields(text: string): JsonFields {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return { message: text };
  }
}
