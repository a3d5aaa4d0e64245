/**
 * Proves that rules match a plan for every packet, not only for a sample. It remembers proven parcels: a change that
 * touches nothing that the packets of a parcel met does not need a new proof of it.
 */
import type { IpFamily } from '../model/address.ts';
import type { AddressQuestions, TracedPart } from '../trace/witness.ts';
import { type Exploration, explore } from './explore.ts';
import { type Parcel, parcelsOf } from './parcels.ts';
import { prepare } from './prepare.ts';
import { count, emptyTally, type ProofResult, proofResult, type Tally } from './proof-result.ts';
import { isSameRegion, type Region } from './region.ts';
import { fateOf, type PacketComparison, type Subject } from './subject.ts';
import { handOver, type Touched, touchedParts } from './touched/touched.ts';

/** The progress of a proof. */
export interface Progress {
  readonly family: IpFamily;
  readonly parcels: number;
  readonly parcelsDone: number;
  readonly classes: number;
}

export interface Prover {
  /**
   * Compares the rules of one family with its plan. Nearly all steps take less than a millisecond; a few at the
   * beginning, which go through the whole plan or ruleset, take tens of milliseconds for 10,000 Services. It may
   * be stopped early. Parcels proven until then are remembered, so only the latest proof of a family may continue.
   */
  readonly prove: (subject: Subject) => Generator<Progress, ProofResult>;
}

/** A proven parcel: the number of its classes, and everything that its packets met. */
interface Proven {
  readonly region: Region;
  readonly classes: number;
  readonly parts: readonly TracedPart[];
}

interface Memory {
  last: Subject | undefined;
  /** By the parcel's name. */
  readonly parcels: Map<string, Proven>;
  readonly questions: AddressQuestions;
}

export function createProver(): Prover {
  const memories: Record<IpFamily, Memory> = {
    IPv4: { last: undefined, parcels: new Map(), questions: new Map() },
    IPv6: { last: undefined, parcels: new Map(), questions: new Map() },
  };
  return { prove: (subject) => prove(subject, memories[subject.plan.family]) };
}

/** Takes all steps at once. */
export function finish(proof: Generator<Progress, ProofResult>): ProofResult {
  for (;;) {
    const step = proof.next();
    if (step.done === true) return step.value;
  }
}

function* prove(subject: Subject, memory: Memory): Generator<Progress, ProofResult> {
  const { family } = subject.plan;
  const beginning: Progress = { family, parcels: 0, parcelsDone: 0, classes: 0 };
  forgetTouched(subject, memory);
  for (const _ of prepare(subject)) yield beginning;
  const parcels = parcelsOf(subject.plan, subject.host);
  forgetOthers(memory, parcels);
  yield beginning;
  const tally = emptyTally();
  for (const [parcelsDone, parcel] of parcels.entries()) {
    const known = memory.parcels.get(parcel.name);
    if (known !== undefined && isSameRegion(known.region, parcel.region)) {
      tally.classes += known.classes;
      tally.remembered += known.classes;
      continue;
    }
    for (const _ of proveParcel(subject, parcel, tally, memory)) {
      yield { family, parcels: parcels.length, parcelsDone, classes: tally.classes };
    }
  }
  return proofResult(tally, subject);
}

/** One step for each class. Only proven parcels are remembered. */
function* proveParcel(subject: Subject, { name, region }: Parcel, tally: Tally, memory: Memory): Generator<void> {
  const parts = new Set<TracedPart>();
  let classes = 0;
  let isProven = true;
  const exploration: Exploration<PacketComparison> = {
    family: subject.plan.family,
    nodeAddresses: subject.host.addresses,
    trace: (packet, witness) => fateOf(subject, packet, witness),
    used: (part) => parts.add(part),
    questions: memory.questions,
  };
  for (const each of explore(region, exploration)) {
    count(tally, each, subject);
    classes += 1;
    isProven &&= each.fate.kind === 'same';
    yield;
  }
  if (isProven) memory.parcels.set(name, { region, classes, parts: [...parts] });
}

function forgetTouched(subject: Subject, memory: Memory): void {
  const { last, parcels } = memory;
  memory.last = subject;
  const touched: Touched = last === undefined ? 'everything' : touchedParts(last, subject);
  if (last !== undefined) handOver(last, subject);
  if (touched === 'everything') {
    parcels.clear();
    return;
  }
  if (touched.size === 0) return;
  for (const [name, { parts }] of parcels) {
    if (touched.has(name) || parts.some((part) => touched.has(part))) parcels.delete(name);
  }
}

/** Forgets parcels whose address or port is no longer a frontend. */
function forgetOthers({ parcels: known }: Memory, parcels: readonly Parcel[]): void {
  if (known.size === 0) return;
  const names = new Set(parcels.map(({ name }) => name));
  for (const name of known.keys()) if (!names.has(name)) known.delete(name);
}
