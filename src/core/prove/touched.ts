/**
 * What changed between two subjects, in the names that a witness hears (`Witness.used`): a trace that met none of it goes
 * the same way as before.
 */
import { sameElements } from '../model/list-memory.ts';
import type { Plan, ServicePortPlan } from '../model/plan.ts';
import { nodePortPart, parts } from '../trace/witness.ts';
import type { Subject } from './subject.ts';
import { touchedByIptables } from './touched-iptables.ts';
import { handOverSets, touchedByNftables } from './touched-nftables.ts';

export type Touched = ReadonlySet<object | string> | 'everything';

/** Takes note of something that changed. */
export type Touch = (part: object | string) => void;

export function touchedParts(before: Subject, now: Subject): Touched {
  if (!sameElements(before.host.addresses, now.host.addresses)) return 'everything';
  if (settingsOf(before.plan) !== settingsOf(now.plan)) return 'everything';
  const touched = new Set<object | string>();
  const touch: Touch = (part) => touched.add(part);
  if (!touchedByRules(before, now, touch)) return 'everything';
  touchedByPlan(before.plan, now.plan, touch);
  return touched;
}

/** Lets the new ruleset have the indexes of the old one, as far as they are the same. */
export function handOver({ rules: before }: Subject, { rules: now }: Subject): void {
  if (before.mode === 'nftables' && now.mode === 'nftables') handOverSets(before.ruleset, now.ruleset);
}

/** False when it is not worth finding out what exactly changed. */
function touchedByRules({ rules: before }: Subject, { rules: now }: Subject, touch: Touch): boolean {
  if (before.ruleset === now.ruleset) return true;
  if (before.mode === 'iptables')
    return now.mode === 'iptables' && touchedByIptables(before.ruleset, now.ruleset, touch);
  return now.mode === 'nftables' && touchedByNftables(before.ruleset, now.ruleset, touch);
}

/** All of the plan but its service ports and health checks, as text. */
function settingsOf({ servicePorts: _, healthChecks: __, ...settings }: Plan): string {
  return JSON.stringify(settings);
}

function touchedByPlan(before: Plan, now: Plan, touch: Touch): void {
  if (before === now) return;
  const ports = (plan: Plan): string => plan.healthChecks.map(({ port }) => port).join();
  if (ports(before) !== ports(now)) touch(parts.healthChecks);
  const [old, fresh] = [new Set(before.servicePorts), new Set(now.servicePorts)];
  const gone = before.servicePorts.filter((each) => !fresh.has(each));
  const come = now.servicePorts.filter((each) => !old.has(each));
  for (const servicePort of gone) touch(servicePort);
  const [oldKeys, newKeys] = [keysOf(gone), keysOf(come)];
  for (const keys of [oldKeys, newKeys]) {
    for (const [key, touchKey] of keys) if (!oldKeys.has(key) || !newKeys.has(key)) touchKey(touch);
  }
}

/** What packets find the service ports by, and what a trace depends on that looks there. */
function keysOf(servicePorts: readonly ServicePortPlan[]): ReadonlyMap<string, (touch: Touch) => void> {
  const keys = new Map<string, (touch: Touch) => void>();
  for (const { id, port, frontends } of servicePorts) {
    const { clusterIp, external, nodePort } = frontends;
    const addresses = [...(clusterIp === undefined ? [] : [clusterIp]), ...external.map(({ address }) => address)];
    for (const address of addresses) {
      keys.set(`${address} ${port} ${id.protocol}`, (touch) => {
        touch(parts.frontends);
        touch(address);
      });
    }
    if (nodePort === undefined) continue;
    keys.set(`${nodePort} ${id.protocol}`, (touch) => {
      touch(parts.nodePorts);
      touch(nodePortPart(nodePort));
    });
  }
  return keys;
}
