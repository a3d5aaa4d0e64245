/** Finds the changes that should be reviewed, from their effects on traffic, never from how the objects are written. */
import type { Diagnostic } from '../diagnostics.ts';
import { namespacedName } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { compareText } from '../structures/compare-text.ts';
import { type NodeChange, type Risk, type RiskCode, riskSeverities, type ServiceForecast } from './changes.ts';
import { serviceRisks } from './service-risks.ts';

/** The worst first, then by Service, each once. */
export function risksOf(
  services: readonly ServiceForecast[],
  node: readonly NodeChange[],
  { appeared, after }: { readonly appeared: readonly Diagnostic[]; readonly after: Snapshot },
): readonly Risk[] {
  const changed = new Set(services.map(namespacedName));
  const risks = [
    ...(node.length > 0 && services.length > 0 ? [nodeWide(node, services.length)] : []),
    ...services.flatMap(risksOfService),
    ...appeared.filter(({ code }) => code === 'frontend-conflict').map(conflict),
    ...externalIpUses(after).map((use) => (changed.has(use.service ?? '') ? use : { ...use, standing: true as const })),
  ];
  const once = new Map(risks.map((risk) => [JSON.stringify(risk), risk]));
  return [...once.values()].toSorted((a, b) => rank(a) - rank(b) || compareText(a.service ?? '', b.service ?? ''));
}

const codes = Object.keys(riskSeverities);

/** `riskSeverities` has the worst first. */
function rank({ code }: Risk): number {
  return codes.indexOf(code);
}

function nodeWide(node: readonly NodeChange[], count: number): Risk {
  const settings = [...new Set(node.map(({ setting }) => setting))].join(', ');
  return risk('node-wide', `a setting of the node changes (${settings}), Services affected: ${count}`);
}

/** Every Service that has any: Kubernetes 1.36 deprecates them, and switches them off in a later version. */
function externalIpUses({ services }: Snapshot): readonly Risk[] {
  return services.flatMap((shard) =>
    [...shard.values()].flatMap((service) => {
      const { length } = service.externalIps;
      const uses = length === 1 ? 'uses an external IP' : `uses ${length} external IPs`;
      const message = `the Service ${uses} (spec.externalIPs), which Kubernetes 1.36 deprecates`;
      return length === 0 ? [] : [risk('external-ips-deprecated', message, namespacedName(service))];
    }),
  );
}

function conflict({ object, problem }: Diagnostic): Risk {
  return risk('conflict', problem, `${object.namespace}/${object.name}`);
}

function risk(code: RiskCode, message: string, service?: string): Risk {
  return { code, severity: riskSeverities[code], ...(service === undefined ? {} : { service }), message };
}

function risksOfService(service: ServiceForecast): readonly Risk[] {
  return serviceRisks(service).map(([code, message]) => risk(code, message, namespacedName(service)));
}
