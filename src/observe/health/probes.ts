/** /healthz and /livez: kube-proxy's JSON, key for key; and /readyz, which kube-proxy does not have. */
import { ipFamilies } from '../../core/model/address.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import type { HttpRoute } from '../http/routes.ts';
import type { HealthStatus } from './health.ts';
import type { ReadinessStatus } from './readiness.ts';

export interface HealthProbeOptions {
  readonly status: () => HealthStatus;
  readonly readiness: () => ReadinessStatus;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly observeProbe: (path: 'healthz' | 'livez', code: number) => void;
}

/**
 * The routes of the healthz server: /healthz and /livez say whether changes get through, /healthz also whether the Node
 * stays, /readyz whether the Services are programmed.
 */
export function createProbes({ status, readiness, now, observeProbe }: HealthProbeOptions): readonly HttpRoute[] {
  const probe = (name: 'healthz' | 'livez'): HttpRoute => ({
    path: `/${name}`,
    handler: () => {
      const answer = answerProbe(status(), now(), name === 'healthz');
      observeProbe(name, answer.status);
      return answer;
    },
  });
  const readyz = (): HttpResponse => {
    const answer = readiness();
    return jsonResponse(JSON.stringify(answer), answer.ready ? 200 : 503);
  };
  return [probe('healthz'), probe('livez'), { path: '/readyz', handler: readyz }];
}

function answerProbe(
  { healthy, nodeEligible, families }: HealthStatus,
  nowMs: number,
  withNode: boolean,
): HttpResponse {
  const isOk = healthy && (nodeEligible || !withNode);
  const statuses = ipFamilies.flatMap((family) => {
    const state = families.get(family);
    // kube-proxy knows a family from its first sync on.
    if (state === undefined) return [];
    return [[family, { lastUpdated: formatTime(state.lastUpdatedAtMs), healthy: state.healthy }] as const];
  });
  const latest = Math.max(
    ...[...families.values()].map(({ lastUpdatedAtMs = Number.NEGATIVE_INFINITY }) => lastUpdatedAtMs),
  );
  const body = {
    // As in kube-proxy, where this once was the time of the last look: recent whenever all is well.
    lastUpdated: formatTime(isOk ? nowMs : latest),
    currentTime: formatTime(nowMs),
    ...(withNode ? { nodeEligible } : {}),
    healthy,
    ...(statuses.length > 0 ? { status: Object.fromEntries(statuses) } : {}),
  };
  return jsonResponse(JSON.stringify(body), isOk ? 200 : 503);
}

/** RFC 3339; Go's zero time for what has never been. */
function formatTime(ms: number | undefined): string {
  return ms === undefined || !Number.isFinite(ms) ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();
}
