/** /healthz and /livez: kube-proxy's JSON, key for key. */
import { ipFamilies } from '../../core/model/address.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import type { HttpRoute } from '../http/routes.ts';
import type { HealthStatus } from './health.ts';

export interface HealthProbeOptions {
  readonly status: () => HealthStatus;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly observeProbe: (path: 'healthz' | 'livez', code: number) => void;
}

/** The routes of the healthz server: both tell whether the proxy keeps up, /healthz also whether the node stays. */
export function createProbes({ status, now, observeProbe }: HealthProbeOptions): readonly HttpRoute[] {
  const probe = (name: 'healthz' | 'livez'): HttpRoute => ({
    path: `/${name}`,
    handler: () => {
      const answer = answerProbe(status(), now(), name === 'healthz');
      observeProbe(name, answer.status);
      return answer;
    },
  });
  return [probe('healthz'), probe('livez')];
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
