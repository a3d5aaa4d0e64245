/** Finds the changes of one Service that should be reviewed. */
import { isOrdinary } from './callers.ts';
import type { Change, RiskCode, ServiceForecast, TrafficEffect } from './changes.ts';
import { describeCallers, describeFrontend, describeFrontends, describePort } from './words.ts';

type Found = readonly [code: RiskCode, message: string];

/** The risks of one Service, in the order of its changes. */
export function serviceRisks(service: ServiceForecast): readonly Found[] {
  return service.change === 'deleted' ? deletionRisks(service) : service.changes.flatMap(risksOfChange(service));
}

function deletionRisks({ changes }: ServiceForecast): readonly Found[] {
  const reached = effectsIn(changes).some(({ before }) => before.endpoints > 0);
  return [
    [
      'service-deleted',
      reached ? 'the Service is deleted, and it has endpoints' : 'the Service is deleted; it has no endpoints',
    ],
    ...changes.flatMap((change) => (change.kind === 'frontend' ? takenRisk(change) : [])),
  ];
}

function risksOfChange(service: ServiceForecast): (change: Change) => readonly Found[] {
  return (change) => {
    switch (change.kind) {
      case 'frontend':
        return change.change === 'opened' ? openedRisks(change) : closedRisks(change, service);
      case 'protocol':
        return [['protocol-changed', `port ${describePort(change.before)} becomes ${describePort(change.after)}`]];
      case 'policy':
        return policyRisks(change);
      case 'sources':
        return sourcesRisks(change);
      case 'affinity':
        return affinityRisks(change);
      case 'healthCheck':
        return healthCheckRisks(change);
      case 'effect':
        return effectRisks(change, service);
      case 'selector':
        return [['selector-changed', `the selector changes, ${chosenAnew}: ${step(change)}`]];
      case 'targetPort':
        return [
          [
            'target-port-changed',
            `the target port of ${describePort(change.port)} changes, ${chosenAnew}: ${step(change)}`,
          ],
        ];
      case 'assigned':
        return assignedRisks(change);
      case 'port':
      case 'endpoints':
      case 'moved':
        return [];
      default:
        return change satisfies never;
    }
  };
}

const chosenAnew = 'so the cluster will choose new endpoints';

function step({ before, after }: Of<'selector' | 'targetPort'>): string {
  return `${before} becomes ${after}`;
}

function assignedRisks({ what, port }: Of<'assigned'>): readonly Found[] {
  if (what === 'clusterIP' || what === 'endpoints') return [];
  const frontend = port === undefined ? 'a load-balancer IP' : `a NodePort for ${describePort(port)}`;
  return [['external-frontend-opened', `the cluster will assign ${frontend}`]];
}

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>;

function effectsIn(changes: readonly Change[]): readonly TrafficEffect[] {
  return changes.filter((change) => change.kind === 'effect');
}

function openedRisks(change: Of<'frontend'>): readonly Found[] {
  const { frontend, guarded } = change;
  if (frontend.kind === 'clusterIP' || guarded) return takenRisk(change);
  return [...takenRisk(change), ['external-frontend-opened', `${describeFrontend(frontend)} opens to any source`]];
}

/** Only the Service that loses says so. */
function takenRisk({ change, frontend, otherOwner }: Of<'frontend'>): readonly Found[] {
  if (change === 'opened' || otherOwner === undefined) return [];
  return [['frontend-taken', `${describeFrontend(frontend)} moves to Service ${otherOwner}`]];
}

function closedRisks(change: Of<'frontend'>, { changes }: ServiceForecast): readonly Found[] {
  const { frontend, otherOwner } = change;
  if (otherOwner !== undefined) return takenRisk(change);
  const others = changes.filter((other) => other.kind === 'frontend');
  if (frontend.kind === 'clusterIP') {
    const successor = others.find(
      (other) =>
        other.change === 'opened' &&
        other.frontend.kind === 'clusterIP' &&
        other.frontend.family === frontend.family &&
        other.frontend.address !== frontend.address,
    );
    if (successor !== undefined) {
      const step = `${frontend.address} changes to ${successor.frontend.address}`;
      return [['cluster-ip-changed', `the cluster IP ${step}; clients with a cached DNS answer fail`]];
    }
    if (changes.some(({ kind }) => kind === 'protocol')) return [];
    return [['port-removed', `the cluster IP no longer serves ${frontend.port}/${frontend.protocol}`]];
  }
  return [['frontend-closed', `${describeFrontend(frontend)} closes`]];
}

function policyRisks({ port, traffic, after }: Of<'policy'>): readonly Found[] {
  if (after !== 'drop') return [];
  const message = `port ${describePort(port)}: ${traffic} traffic is dropped, because no endpoint is on this node`;
  return [['no-local-endpoint', message]];
}

function sourcesRisks({ frontend, after, widened, narrowed }: Of<'sources'>): readonly Found[] {
  const where = describeFrontend(frontend);
  if (after === undefined)
    return [['opened-to-world', `${where} was restricted to source ranges and is now open to any source`]];
  return [
    ...(narrowed ? [['source-ranges-narrowed', `${where} no longer lets in some sources`] as const] : []),
    ...(widened ? [['source-ranges-widened', `${where} lets in more sources`] as const] : []),
  ];
}

function affinityRisks({ port, before, after }: Of<'affinity'>): readonly Found[] {
  const what = `port ${describePort(port)}: affinity`;
  if (before === undefined) return [['affinity-switched', `${what} is switched on`]];
  if (after === undefined) return [['affinity-switched', `${what} is switched off: clients may reach other endpoints`]];
  return [
    [
      'affinity-reset',
      `${what} changes from ${before} s to ${after} s: in nftables mode all clients are forgotten once`,
    ],
  ];
}

function healthCheckRisks({ before, after }: Of<'healthCheck'>): readonly Found[] {
  if (before === undefined) return [];
  if (after === undefined) return [['health-check-changed', `the health check on port ${before.port} is removed`]];
  if (before.port !== after.port) {
    return [['health-check-changed', `the health check moves from port ${before.port} to ${after.port}`]];
  }
  if (before.localEndpoints === 0 || after.localEndpoints > 0) return [];
  return [['health-check-fails', `the health check on port ${after.port} answers 503: no local endpoint is ready`]];
}

function effectRisks(effect: TrafficEffect, { changes }: ServiceForecast): readonly Found[] {
  // A frontend that opens or closes is a risk by itself.
  const others = changes.filter((change) => change.kind === 'frontend');
  const otherTexts = new Set(others.map(({ frontend }) => describeFrontend(frontend)));
  const standing = effect.frontends.filter((frontend) => !otherTexts.has(describeFrontend(frontend)));
  if (standing.length === 0) return [];
  const { callers, before, after } = effect;
  if (!callers.some(isOrdinary)) return [];
  const where = describeFrontends(standing);
  const isEveryone = callers.some(({ who }) => who === 'everyone');
  switch (effect.effect) {
    case 'cutOff':
      return isEveryone
        ? [['frontend-loses-endpoints', `${where}: lost all endpoints (had ${before.endpoints})`]]
        : [['callers-cut-off', `${where} no longer serves ${describeCallers(callers)}`]];
    case 'endpoints':
    case 'clientAddress':
      return [
        ...(after.endpoints * 2 > before.endpoints
          ? []
          : [['endpoints-halved', `${where}: from ${before.endpoints} endpoints to ${after.endpoints}`] as const]),
        ...sourceRisks(effect, where),
      ];
    case 'reachable':
    case 'answer':
      return [];
    default:
      return effect.effect satisfies never;
  }
}

function sourceRisks({ callers, before, after }: TrafficEffect, where: string): readonly Found[] {
  if (before.clientAddress === undefined || after.clientAddress === undefined) return [];
  const whose = describeCallers(callers);
  return after.clientAddress === 'visible'
    ? [['client-address-visible', `${where}: endpoints see the addresses of ${whose}`]]
    : [['client-address-hidden', `${where}: endpoints no longer see the addresses of ${whose}`]];
}
