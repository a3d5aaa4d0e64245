/**
 * The health checks of load balancers: an HTTP server for each healthCheckNodePort (Services of type LoadBalancer with
 * external traffic policy Local), which tells whether this node has endpoints of the Service.
 */
import type { HealthCheck } from '../../core/model/plan.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import { formatAddress, type HttpServer, serve } from '../http/server.ts';

export interface ServiceChecksOptions {
  /** Whether the proxy keeps up, also on a node that is about to go. */
  readonly isHealthy: () => boolean;
  /**
   * A port cannot be listened on: told once, for kube-proxy's Event FailedToStartServiceHealthcheck, and tried again.
   */
  readonly onProblem: (check: HealthCheck, problem: string) => void;
  /** A request could not be answered, which is a bug of ours. */
  readonly onFailure: (path: string, error: unknown) => void;
  /** For tests. */
  readonly retryMs?: number;
}

/** The checks of one IP family, and the addresses that they are served on; `0.0.0.0` or `::` for all of the family. */
export interface FamilyChecks {
  readonly checks: readonly HealthCheck[];
  readonly hosts: readonly string[];
}

export interface ServiceChecks {
  /** Makes these checks the ones that are served. A Service in both families has a check and a count in each. */
  sync(families: readonly FamilyChecks[]): void;
  /** Resolves when all ports are free. */
  close(): Promise<void>;
}

interface OpenCheck {
  check: HealthCheck;
  readonly server: HttpServer;
}

export function createServiceChecks(options: ServiceChecksOptions): ServiceChecks {
  /** By Service, port and address: what a server cannot change. */
  const open = new Map<string, OpenCheck>();
  /** A port is free only some time after its server was told to close; a new server on it tries until then. */
  const closing = new Set<Promise<void>>();

  const start = (check: HealthCheck, host: string): OpenCheck => {
    const { isHealthy, onProblem, onFailure, retryMs } = options;
    const server = serve({
      host,
      port: check.port,
      isOneFamily: true,
      handle: () => answerCheck(entry.check, isHealthy()),
      onProblem: (problem) => onProblem(check, problem),
      onFailure,
      ...(retryMs === undefined ? {} : { retryMs }),
    });
    const entry: OpenCheck = { check, server };
    return entry;
  };
  const stop = (server: HttpServer): void => {
    const done = server.close().finally(() => closing.delete(done));
    closing.add(done);
  };

  return {
    sync: (families) => {
      const wanted = new Map(
        families.flatMap(({ checks, hosts }) =>
          checks.flatMap((check) => hosts.map((host) => [keyOf(check, host), { check, host }] as const)),
        ),
      );
      for (const [key, { server }] of open) {
        if (wanted.has(key)) continue;
        open.delete(key);
        stop(server);
      }
      for (const [key, { check, host }] of wanted) {
        const entry = open.get(key);
        if (entry === undefined) open.set(key, start(check, host));
        else entry.check = check;
      }
    },
    close: async () => {
      for (const { server } of open.values()) stop(server);
      open.clear();
      await Promise.all(closing);
    },
  };
}

function keyOf({ namespace, name, port }: HealthCheck, host: string): string {
  return `${namespace}/${name} ${formatAddress(host, port)}`;
}

/** kube-proxy's body, byte for byte. */
function answerCheck({ namespace, name, localEndpoints }: HealthCheck, serviceProxyHealthy: boolean): HttpResponse {
  const body = JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy }, undefined, '\t');
  return {
    ...jsonResponse(body, localEndpoints > 0 && serviceProxyHealthy ? 200 : 503),
    headers: { 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) },
  };
}
