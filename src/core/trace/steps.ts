/** The rules on a packet's way, kept so that ways that part share what came before. */

/** Steps from the last one back. */
export interface StepList<Step> {
  readonly last: Step;
  readonly before: StepList<Step> | undefined;
}

/** In the order in which they were taken. */
export function stepsInOrder<Step>(list: StepList<Step> | undefined): readonly Step[] {
  const steps: Step[] = [];
  for (let at = list; at !== undefined; at = at.before) steps.push(at.last);
  return steps.reverse();
}
