/** Removes a pod: its rules go, new connections avoid it, and open ones stay. */

import type { Answer } from '../../lab/agent/messages.ts';
import type { Change } from '../description/traffic.ts';
import { type Agents, agentOf, orderOf } from './calls.ts';
import type { Check } from './expectations.ts';

/** How many kept connections each pod has. */
export interface KeptResult {
  readonly byPod: ReadonlyMap<string, number>;
  readonly checks: readonly Check[];
}

/** Opens the connections that are to outlive the change; gives their first answers. */
export async function openKept({ kept }: Change, agents: Agents): Promise<readonly Answer[]> {
  return await agentOf(kept.from, agents).order('hold', orderOf(kept));
}

/** Uses the kept connections once more: each must still lead where it led before. */
export async function judgeKept(change: Change, first: readonly Answer[], agents: Agents): Promise<KeptResult> {
  const second = await agentOf(change.kept.from, agents).order('askHeld', null);
  const byPod = new Map<string, number>();
  for (const { pod } of first) byPod.set(pod, (byPod.get(pod) ?? 0) + 1);
  const checks = [...byPod].map(([pod, count]): Check => {
    const same = first.filter((answer, i) => answer.pod === pod && second[i]?.pod === pod).length;
    return { held: same === count, text: `${same} of ${count} open connections to ${pod} were answered by it again` };
  });
  const opened = { held: first.length === change.kept.connections, text: `${first.length} connections were opened` };
  return { byPod, checks: [opened, ...checks] };
}

/** Texts that have to occur in the rules, or may not. */
export function judgeMentions(rules: string, texts: readonly string[], expected: 'mentioned' | 'absent'): Check[] {
  return texts.map((text) => {
    const found = rules.includes(text) ? 'mentioned' : 'absent';
    return { held: found === expected, text: `${text} is ${found} in the kernel's rules, expected ${expected}` };
  });
}
