/**
 * The daemon proves that the rules in its kernel match the Services for every packet: on request, or periodically. The
 * rules are read from the kernel; the proof is made in steps, so that changes are programmed meanwhile.
 */
import { setImmediate } from 'node:timers/promises';
import type { IpFamily } from '../core/model/address.ts';
import type { ProofResult } from '../core/prove/proof-result.ts';
import { createProver, type Prover } from '../core/prove/prover.ts';
import type { Subject } from '../core/prove/subject.ts';
import { KernelError } from '../host/kernel.ts';
import type { Standing } from './loop.ts';
import { messageOf, type Programmed } from './programming.ts';

/** The result for one family. */
export type FamilyProof =
  | { readonly kind: 'told'; readonly family: IpFamily; readonly verdict: ProofResult; readonly ms: number }
  /** Nothing was told of this family: nothing is programmed yet, or the kernel could not be read. */
  | { readonly kind: 'untold'; readonly family: IpFamily; readonly problem: string };

/** Proves the rules of all families. */
export interface SelfProof {
  /** Requests that come while a proof is under way share it. Never rejects. */
  prove(): Promise<readonly FamilyProof[]>;
}

export interface SelfProofOptions {
  readonly standing: () => Standing;
  readonly localAddresses: (family: IpFamily) => Subject['host']['addresses'];
  readonly onProof: (proof: FamilyProof) => void;
}

/** Longest time without letting others run. */
const sliceMs = 10;
/** What is read in a quiet moment takes 7 s with 300,000 endpoints. */
const readLimitMs = 20_000;
/** Rules may change while they are read: how often to begin anew. */
const maxReads = 3;

export function createSelfProof({ standing, localAddresses, onProof }: SelfProofOptions): SelfProof {
  const prover = createProver();
  let underWay: Promise<readonly FamilyProof[]> | undefined;
  const proveAll = async (): Promise<readonly FamilyProof[]> => {
    const proofs: FamilyProof[] = [];
    for (const { kernel } of standing().families) {
      const programmed = () => standing().families.find((each) => each.kernel === kernel);
      const addresses = localAddresses(kernel.family);
      const proof = await proveFamily(prover, programmed, addresses).catch((error: unknown): FamilyProof => {
        const problem = error instanceof KernelError ? error.message : `a bug of rulewright: ${messageOf(error)}`;
        return { kind: 'untold', family: kernel.family, problem };
      });
      onProof(proof);
      proofs.push(proof);
    }
    return proofs;
  };
  return {
    prove() {
      underWay ??= proveAll().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}

async function proveFamily(
  prover: Prover,
  programmed: () => Readonly<Programmed> | undefined,
  addresses: Subject['host']['addresses'],
): Promise<FamilyProof> {
  const startedAt = performance.now();
  const { kernel } = programmed() ?? {};
  if (kernel === undefined) throw new Error('a family that is not programmed here');
  for (let reads = 0; reads < maxReads; reads += 1) {
    const plan = programmed()?.plan;
    const rules = await kernel.read(readLimitMs);
    // The plan of what was read is known only where nothing was sent meanwhile.
    if (plan === undefined || plan !== programmed()?.plan) continue;
    if (rules === undefined)
      return { kind: 'untold', family: kernel.family, problem: 'there are no rulewright rules in the kernel' };
    const verdict = await inSlices(prover.prove({ plan, rules, host: { addresses } }));
    return { kind: 'told', family: kernel.family, verdict, ms: performance.now() - startedAt };
  }
  return { kind: 'untold', family: kernel.family, problem: 'the rules change faster than they can be read' };
}

async function inSlices(proof: Generator<unknown, ProofResult>): Promise<ProofResult> {
  for (;;) {
    const untilMs = performance.now() + sliceMs;
    while (performance.now() < untilMs) {
      const step = proof.next();
      if (step.done === true) return step.value;
    }
    await setImmediate();
  }
}

/** Proves every so often until the signal aborts, beginning one period from now. */
export function proveEvery(everyMs: number, { prove }: SelfProof, signal: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => void prove().finally(() => signal.aborted || wait()), everyMs);
  };
  signal.addEventListener('abort', () => clearTimeout(timer));
  wait();
}
