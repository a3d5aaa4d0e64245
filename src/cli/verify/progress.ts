/** A proof that may take seconds, with a line on the terminal that says how far it is. */
import process from 'node:process';
import type { ProofResult } from '../../core/prove/proof-result.ts';
import { createProver } from '../../core/prove/prover.ts';
import type { Subject } from '../../core/prove/subject.ts';

/** A shorter proof needs no progress line. */
const patienceMs = 1000;
const intervalMs = 200;

export function proveInSight(subject: Subject): { readonly verdict: ProofResult; readonly milliseconds: number } {
  const start = performance.now();
  const isTerminal = Boolean(process.stderr.isTTY);
  const proof = createProver().prove(subject);
  let nextLine = start + patienceMs;
  for (;;) {
    const step = proof.next();
    const now = performance.now();
    if (step.done === true) {
      if (isTerminal && nextLine > start + patienceMs) process.stderr.write('\r\u001b[K');
      return { verdict: step.value, milliseconds: now - start };
    }
    if (!isTerminal || now < nextLine) continue;
    const { family, parcels, parcelsDone, classes } = step.value;
    process.stderr.write(
      `\r\u001b[K${family}: ${Math.floor((100 * parcelsDone) / Math.max(parcels, 1))} %, ${classes} classes of packets`,
    );
    nextLine = now + intervalMs;
  }
}
