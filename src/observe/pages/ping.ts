/** kube-proxy's /healthz of the metrics address: one check, ping, which says only that the program answers. */
import { textResponse } from '../http/response.ts';
import type { HttpRoute } from '../http/routes.ts';

export function createPingRoutes(startedAtMs: number): readonly HttpRoute[] {
  let asked = 0;
  return [
    {
      path: '/healthz',
      about: 'ok; ?verbose names the checks',
      handler: ({ query }) => {
        asked += 1;
        return textResponse(query.has('verbose') ? '[+]ping ok\nhealthz check passed\n' : 'ok');
      },
    },
    { path: '/healthz/ping', about: 'ok', handler: () => textResponse('ok') },
    {
      path: '/metrics/slis',
      about: 'the checks of /healthz as metrics',
      handler: () => ({
        status: 200,
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: `${slis(asked, startedAtMs / 1000).join('\n')}\n`,
      }),
    },
  ];
}

function slis(asked: number, startedAtSeconds: number): readonly string[] {
  return [
    '# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.',
    '# TYPE kubernetes_healthcheck gauge',
    'kubernetes_healthcheck{name="ping",type="healthz"} 1',
    '# HELP kubernetes_healthchecks_total [STABLE] This metric records the results of all healthcheck.',
    '# TYPE kubernetes_healthchecks_total counter',
    `kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} ${asked}`,
    '# HELP process_start_time_seconds [ALPHA] Start time of the process since unix epoch in seconds.',
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${startedAtSeconds}`,
  ];
}
