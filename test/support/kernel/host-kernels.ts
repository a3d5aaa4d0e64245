/** Kernels of src/host in a network namespace, and what is applied to them. */
import { expect } from 'vitest';
import { readGoldenCase, type VariantName } from '../../../scripts/lab/golden/case.ts';
import type { Namespace, Variant } from '../../../scripts/lab/network/tools.ts';
import type { IpFamily } from '../../../src/core/model/address.ts';
import { diffRules, type Rules } from '../../../src/core/rules.ts';
import { iptablesKernel } from '../../../src/host/iptables/kernel.ts';
import type { Kernel } from '../../../src/host/kernel.ts';
import { ruleEvents } from '../../../src/host/netlink/listener.ts';
import { nftKernel } from '../../../src/host/nft/kernel.ts';
import type { RunCommand } from '../../../src/host/run-command.ts';
import { commandsIn } from './commands.ts';

export function nftKernelIn(namespace: Namespace, family: IpFamily = 'IPv4', run = commandsIn(namespace)): Kernel {
  return nftKernel(family, { run, events: ruleEvents(run), version: '1' });
}

export function iptablesKernelIn(
  namespace: Namespace,
  variant: Variant,
  { family = 'IPv4', run = commandsIn(namespace) }: { readonly family?: IpFamily; readonly run?: RunCommand } = {},
): Kernel {
  return iptablesKernel(family, {
    run,
    events: ruleEvents(run),
    tools: { variant, version: '1', isNamed: true },
    lockFile: namespace.lockFile,
    ownsFirewall: family === 'IPv4',
  });
}

export async function goldenRules(name: string, variant: VariantName, family: IpFamily = 'IPv4'): Promise<Rules> {
  const { compilations } = await readGoldenCase(name);
  return compilations[variant].rules[family] ?? expect.fail(`${name} has no ${family} rules`);
}

/** Makes the kernel say what is wanted, from what stands in it, and gives what was sent. */
export async function adopt(kernel: Kernel, wanted: Rules): Promise<string> {
  const change = diffRules(await kernel.read(), wanted);
  if (change.text !== '') expect(await kernel.apply(change)).toEqual({ kind: 'applied', lockWaitMs: 0 });
  return change.text;
}

/** What is not as it was applied; mended, from what was found to stand. */
export async function repair(kernel: Kernel, applied: Rules): Promise<readonly string[]> {
  const { lost, standing } = await kernel.findDrift(applied, false);
  expect(await kernel.apply(diffRules(standing(), applied))).toMatchObject({ kind: 'applied' });
  return lost;
}

/** What a kernel suspects, as it comes. */
export interface Suspicions {
  readonly all: readonly string[];
  /** Waits until there is one like this. */
  seen(pattern: RegExp): Promise<void>;
}

/** Watches until the signal aborts. */
export function suspicionsOf(kernel: Kernel, signal: AbortSignal): Suspicions {
  const all: string[] = [];
  const waiting = new Set<() => void>();
  kernel.watch((why) => {
    all.push(why);
    for (const look of waiting) look();
  }, signal);
  return {
    all,
    seen: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!all.some((why) => pattern.test(why))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
