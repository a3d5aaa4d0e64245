/** Rules or statements one after the other, along all ways that open there. */

export interface Outcome<Verdict, Flow> {
  readonly verdict: Verdict;
  readonly flow: Flow;
}

export interface Turn<Step, Flow, Verdict, Onward> {
  readonly walk: (step: Step, index: number, flow: Flow) => readonly Outcome<Verdict, Flow>[];
  /** The verdict that leads on to the next step. */
  readonly onward: Onward;
  /** Before each next step, of at least one flow: joins those that nothing tells apart. */
  readonly join: (flows: readonly Flow[]) => readonly Flow[];
}

/** What ended at a step, in order, and what is left (`live`) after the last one. */
export function walkInTurn<Step, Flow, Verdict extends string, Onward extends Verdict>(
  steps: readonly Step[],
  entering: Flow,
  { walk, onward, join }: Turn<Step, Flow, Verdict, Onward>,
): { readonly ended: readonly Outcome<Exclude<Verdict, Onward>, Flow>[]; readonly live: readonly Flow[] } {
  const ended: Outcome<Exclude<Verdict, Onward>, Flow>[] = [];
  let live: readonly Flow[] = [entering];
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index] as Step;
    const next: Flow[] = [];
    for (const flow of live) {
      for (const outcome of walk(step, index, flow)) {
        if (outcome.verdict === onward) next.push(outcome.flow);
        else ended.push(outcome as Outcome<Exclude<Verdict, Onward>, Flow>);
      }
    }
    if (next.length === 0) return { ended, live: [] };
    live = join(next);
  }
  return { ended, live };
}
