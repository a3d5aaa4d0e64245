/**
 * What two versions of a Service object say that plans do not: which pods its endpoints will be, and what the cluster
 * will assign. Works on the objects as they were written, because the model keeps only what shapes rules.
 */
import { get, isFields, type JsonFields, textIn } from '../manifest/value.ts';
import type { Protocol } from '../model/objects.ts';
import type { Change, NotJudged, PortName } from './changes.ts';

export interface Declared {
  /** By `namespace/name` of the Service. */
  readonly changes: ReadonlyMap<string, readonly Change[]>;
  readonly notJudged: readonly NotJudged[];
}

export const nothingDeclared: Declared = { changes: new Map(), notJudged: [] };

/** Changes that make the cluster choose the endpoints of a Service anew. */
export function endpointChoices(before: JsonFields, after: JsonFields): readonly Change[] {
  const [old, now] = [selectorOf(before), selectorOf(after)];
  const selector: readonly Change[] = old === now ? [] : [{ kind: 'selector', before: old, after: now }];
  const targets = new Map(portsOf(before).map((port) => [keyOf(port.port), port.target]));
  const moved = portsOf(after).flatMap(({ port, target }): readonly Change[] => {
    const known = targets.get(keyOf(port));
    return known === undefined || known === target ? [] : [{ kind: 'targetPort', port, before: known, after: target }];
  });
  return [...selector, ...moved];
}

/** `app=web,tier=front`, sorted; `none` for a Service whose endpoints are made by hand. */
export function selectorOf(service: JsonFields): string {
  const selector = get(specOf(service), 'selector');
  if (!isFields(selector) || Object.keys(selector).length === 0) return 'none';
  return Object.entries(selector)
    .map(([label, value]) => `${label}=${String(value)}`)
    .toSorted()
    .join(',');
}

export interface WrittenPort {
  readonly port: PortName;
  /** A number, or the name of a port of the pods. */
  readonly target: string;
  readonly fields: JsonFields;
}

/** The ports of a Service as they are written, as far as they have a number. */
export function portsOf(service: JsonFields): readonly WrittenPort[] {
  const ports = get(specOf(service), 'ports');
  const list: readonly unknown[] = Array.isArray(ports) ? ports : [];
  return list.filter(isFields).flatMap((fields) => {
    const port = get(fields, 'port');
    if (typeof port !== 'number') return [];
    const target = String(get(fields, 'targetPort') || port);
    const protocol = protocols.find((each) => each === get(fields, 'protocol')) ?? 'TCP';
    return [{ port: { name: textIn(fields, 'name'), port, protocol }, target, fields }];
  });
}

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** Ports are the same by number and protocol, as `kubectl apply` merges them. */
export function keyOf({ port, protocol }: PortName): string {
  return `${port}/${protocol}`;
}

export function specOf(service: JsonFields): JsonFields {
  const spec = get(service, 'spec');
  return isFields(spec) ? spec : {};
}
