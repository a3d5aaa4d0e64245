/** What changes for one Service in one family. */
import type { IpAddress } from '../model/address.ts';
import { namespacedName } from '../model/objects.ts';
import type { HealthCheck, PlannedEndpoint } from '../model/plan.ts';
import { findFrontend, findNodePort, indexPlan } from '../trace/plan/frontend-index.ts';
import type { PlannedService } from './candidates.ts';
import type { Change, HealthCheckState, ServiceFrontend } from './changes.ts';
import { effectsOn, type PlanPair } from './effects.ts';
import { frontendsOf, type OwnedFrontend } from './frontends.ts';
import { portChanges } from './port-changes.ts';
import { pairPorts } from './port-pairs.ts';
import { compareRanges } from './source-atoms.ts';

/** All changes, in the order in which they are shown; empty where nothing changes. */
export function changesOf(service: PlannedService, touched: ReadonlySet<IpAddress>, pair: PlanPair): readonly Change[] {
  const before = frontendsOf(service.before.ports, pair.before);
  const after = frontendsOf(service.after.ports, pair.after);
  const frontends = [...new Map([...before, ...after]).values()].map(({ frontend }) => frontend);
  return [
    ...frontendChanges(namespacedName(service), before, after, pair),
    ...pairPorts(service.before.ports, service.after.ports).flatMap((ports) => portChanges(ports, pair.before.family)),
    ...sourcesChanges(before, after),
    ...healthCheckChanges(service, pair),
    ...effectsOn(frontends, selvesOf(service, touched), pair),
  ];
}

type Frontends = ReadonlyMap<string, OwnedFrontend>;

function frontendChanges(key: string, before: Frontends, after: Frontends, pair: PlanPair): readonly Change[] {
  const missing = (these: Frontends, those: Frontends) =>
    [...these].filter(([id]) => !those.has(id)).map(([, own]) => own);
  const tell = (change: 'opened' | 'closed') => {
    return ({ frontend, allowedSources }: OwnedFrontend): Change => {
      const otherOwner = ownerOf(frontend, change === 'opened' ? pair.before : pair.after);
      return {
        kind: 'frontend',
        change,
        frontend,
        guarded: allowedSources !== undefined,
        ...(otherOwner === undefined || otherOwner === key ? {} : { otherOwner }),
      };
    };
  };
  return [...missing(after, before).map(tell('opened')), ...missing(before, after).map(tell('closed'))];
}

/** The Service that has this address, or NodePort, in a plan. */
function ownerOf({ address, port, protocol }: ServiceFrontend, plan: PlanPair['before']): string | undefined {
  const index = indexPlan(plan);
  const servicePort =
    address === undefined
      ? findNodePort(index, { port, protocol })
      : findFrontend(index, { destination: address, port, protocol })?.servicePort;
  return servicePort === undefined ? undefined : namespacedName(servicePort.id);
}

/** Only of frontends that stay: of others their own change tells whether they are guarded. */
function sourcesChanges(before: Frontends, after: Frontends): readonly Change[] {
  return [...after].flatMap(([key, { frontend, allowedSources: now }]): readonly Change[] => {
    const known = before.get(key);
    if (known === undefined || JSON.stringify(known.allowedSources) === JSON.stringify(now)) return [];
    const old = known.allowedSources;
    const difference = compareRanges(frontend.family, old, now);
    if (!difference.widened && !difference.narrowed) return [];
    return [
      {
        kind: 'sources',
        frontend,
        ...difference,
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      },
    ];
  });
}

function healthCheckChanges({ before, after }: PlannedService, { before: { family } }: PlanPair): readonly Change[] {
  const [old, now] = [stateOf(before.healthCheck), stateOf(after.healthCheck)];
  if (old?.port === now?.port && old?.localEndpoints === now?.localEndpoints) return [];
  return [
    {
      kind: 'healthCheck',
      family,
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    },
  ];
}

function stateOf(check: HealthCheck | undefined): HealthCheckState | undefined {
  return check === undefined ? undefined : { port: check.port, localEndpoints: check.localEndpoints };
}

/** Endpoints at addresses where frontends changed: only these can be treated otherwise when they call themselves. */
function selvesOf({ before, after }: PlannedService, touched: ReadonlySet<IpAddress>): readonly IpAddress[] {
  const pools = [...before.ports, ...after.ports].flatMap(({ pools: { cluster, local } }) => [...cluster, ...local]);
  return [...new Set(pools.filter(isPossiblyHere).map(({ address }) => address))].filter((address) =>
    touched.has(address),
  );
}

function isPossiblyHere({ locality }: PlannedEndpoint): boolean {
  return locality !== 'remote';
}
