/** Pairs the ports of a Service before a change with those after it. */
import type { ServicePortPlan } from '../model/plan.ts';
import type { PortName } from './changes.ts';

export interface PortPair {
  readonly before: ServicePortPlan | undefined;
  readonly after: ServicePortPlan | undefined;
}

/** Ports of the same name belong together; then those of the same number and protocol, which were renamed. */
export function pairPorts(before: readonly ServicePortPlan[], after: readonly ServicePortPlan[]): readonly PortPair[] {
  const byName = match(before, after, ({ id }) => id.portName);
  const byNumber = match(byName.before, byName.after, ({ id, port }) => `${port} ${id.protocol}`);
  return [
    ...byName.pairs,
    ...byNumber.pairs,
    ...byNumber.before.map((port) => ({ before: port, after: undefined })),
    ...byNumber.after.map((port) => ({ before: undefined, after: port })),
  ];
}

function match(
  before: readonly ServicePortPlan[],
  after: readonly ServicePortPlan[],
  keyOf: (port: ServicePortPlan) => string,
) {
  const rest = new Map(after.map((port) => [keyOf(port), port]));
  const pairs: PortPair[] = [];
  const unmatched: ServicePortPlan[] = [];
  for (const port of before) {
    const partner = rest.get(keyOf(port));
    if (partner === undefined) unmatched.push(port);
    else pairs.push({ before: port, after: partner });
    rest.delete(keyOf(port));
  }
  return { pairs, before: unmatched, after: [...rest.values()] };
}

export function portName({ id, port }: ServicePortPlan): PortName {
  return { name: id.portName, port, protocol: id.protocol };
}
