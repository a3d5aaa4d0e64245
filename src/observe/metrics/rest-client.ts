/** The metrics of client-go (component-base's `restclient`), with what our client can tell. */
import { bodyBytes, requestSeconds } from './buckets.ts';
import type { Instruments } from './instruments.ts';

/** One request to the API server. */
export interface MeasuredRequest {
  /** HTTP method. */
  readonly method: string;
  /** Host and port of the API server. */
  readonly host: string;
  /** HTTP status, or `error` where there was no answer. */
  readonly code: number | 'error';
  /** Until the headers of the answer, as for client-go, so that watches do not count for as long as they last. */
  readonly seconds: number;
  /** Bytes of the bodies, where known. */
  readonly requestBytes?: number;
  readonly responseBytes?: number;
  /** How long the request waited for its turn (clientConnection.qps). */
  readonly rateLimitSeconds?: number;
  /** Whether it repeats one that failed. */
  readonly isRetry?: boolean;
}

/** A function that takes in requests, once each is answered or has failed. */
export function createRestClientMetrics({ counter, histogram }: Instruments): (request: MeasuredRequest) => void {
  const perVerb = (name: string, help: string, buckets: readonly number[]) =>
    histogram({ name: `rest_client_${name}`, help: `[ALPHA] ${help}`, labels: ['verb', 'host'], buckets });
  const durations = perVerb(
    'request_duration_seconds',
    'Request latency in seconds. Broken down by verb, and host.',
    requestSeconds,
  );
  const rateLimits = perVerb(
    'rate_limiter_duration_seconds',
    'Client side rate limiter latency in seconds. Broken down by verb, and host.',
    requestSeconds,
  );
  const requestSizes = perVerb('request_size_bytes', 'Request size in bytes. Broken down by verb and host.', bodyBytes);
  const responseSizes = perVerb(
    'response_size_bytes',
    'Response size in bytes. Broken down by verb and host.',
    bodyBytes,
  );
  const requests = counter(
    'rest_client_requests_total',
    '[ALPHA] Number of HTTP requests, partitioned by status code, method, and host.',
    ['code', 'method', 'host'],
  );
  const retries = counter(
    'rest_client_request_retries_total',
    '[ALPHA] Number of request retries, partitioned by status code, verb, and host.',
    ['code', 'verb', 'host'],
  );
  return ({ method, host, code: status, seconds, requestBytes, responseBytes, rateLimitSeconds, isRetry = false }) => {
    const code = status === 'error' ? '<error>' : status;
    const labels = { verb: method, host };
    requests.inc({ code, method, host });
    if (isRetry) retries.inc({ code, ...labels });
    durations.observe(labels, seconds);
    if (rateLimitSeconds !== undefined) rateLimits.observe(labels, rateLimitSeconds);
    if (requestBytes !== undefined) requestSizes.observe(labels, requestBytes);
    if (responseBytes !== undefined) responseSizes.observe(labels, responseBytes);
  };
}
