/** The result of a proof: whether the rules of a family match its plan for every packet, and where they differ. */

import type { IpFamily } from '../model/address.ts';
import type { ProxyMode } from '../model/config.ts';
import type { Distribution, Packet } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import { formatDistribution } from '../trace/distribution.ts';
import { findFrontend, findNodePort, indexPlan } from '../trace/plan/frontend-index.ts';
import { knownDeviation } from './deviations.ts';
import type { PacketClass } from './explore.ts';
import type { PacketComparison, Subject } from './subject.ts';

/** One way in which the rules differ from the plan, with a packet that shows it. */
export interface Difference {
  readonly packet: Packet;
  readonly expected: Distribution;
  readonly found: Distribution;
  /** The service port of the packet in the plan, as `namespace/name:port`; absent if there is none. */
  readonly servicePort: string | undefined;
  /** A similar documented difference between kube-proxy and rulewright; see docs/semantics.md. */
  readonly deviation: string | undefined;
  /** The number of classes with this difference. */
  readonly classes: number;
}

/** A construct in the rules without a model, with a packet that meets it. */
export interface Obstacle {
  /** A description; contains unescaped text of the ruleset. */
  readonly text: string;
  readonly packet: Packet;
  readonly classes: number;
}

export interface ProofResult {
  readonly family: IpFamily;
  readonly mode: ProxyMode;
  /** `proven`: for all packets. `different`: with counter-examples. `unknown`: neither, some rules have no model. */
  readonly outcome: 'proven' | 'different' | 'unknown';
  /** All classes; together they contain every packet of the family. */
  readonly classes: number;
  /** Classes that were proven earlier and are not affected by changes. */
  readonly remembered: number;
  readonly differentClasses: number;
  readonly unknownClasses: number;
  /** Each kind once, at most `maxFindings`. */
  readonly differences: readonly Difference[];
  readonly obstacles: readonly Obstacle[];
}

/** The most findings that are listed; the rest are counted. */
const maxFindings = 200;

/** The counts of a running proof. */
export interface Tally {
  classes: number;
  remembered: number;
  differentClasses: number;
  unknownClasses: number;
  readonly differences: Map<string, Difference>;
  readonly obstacles: Map<string, Obstacle>;
}

export function emptyTally(): Tally {
  return {
    classes: 0,
    remembered: 0,
    differentClasses: 0,
    unknownClasses: 0,
    differences: new Map(),
    obstacles: new Map(),
  };
}

/** Counts a class. */
export function count(tally: Tally, { packet, fate }: PacketClass<PacketComparison>, { plan, rules }: Subject): void {
  tally.classes += 1;
  if (fate.kind === 'different') {
    tally.differentClasses += 1;
    const servicePort = servicePortOf(plan, packet);
    const { expected, found } = fate;
    const texts = [servicePort ?? '', formatDistribution(expected), formatDistribution(found)];
    const deviation = knownDeviation({ mode: rules.mode, plan, packet, expected, found });
    const made = { packet, expected, found, servicePort, deviation, classes: 0 };
    countOnce(tally.differences, [...texts, deviation ?? ''].join('\n'), made);
  } else if (fate.kind === 'unknown') {
    tally.unknownClasses += 1;
    for (const text of fate.problems) countOnce(tally.obstacles, text, { text, packet, classes: 0 });
  }
}

function countOnce<T extends { readonly classes: number }>(map: Map<string, T>, key: string, made: T): void {
  const known = map.get(key);
  if (known !== undefined) map.set(key, { ...known, classes: known.classes + 1 });
  else if (map.size < maxFindings) map.set(key, { ...made, classes: 1 });
}

export function proofResult(tally: Tally, { plan, rules }: Subject): ProofResult {
  const { classes, remembered, differentClasses, unknownClasses } = tally;
  return {
    family: plan.family,
    mode: rules.mode,
    outcome: differentClasses > 0 ? 'different' : unknownClasses > 0 ? 'unknown' : 'proven',
    classes,
    remembered,
    differentClasses,
    unknownClasses,
    differences: [...tally.differences.values()],
    obstacles: [...tally.obstacles.values()],
  };
}

/** The service port of the packet: by its destination address, else by NodePort. */
function servicePortOf(plan: Plan, packet: Packet): string | undefined {
  const index = indexPlan(plan);
  return (findFrontend(index, packet)?.servicePort ?? findNodePort(index, packet))?.id.text;
}
