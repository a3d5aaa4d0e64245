/** The kernels of a node in the mode that is wanted, or what has to be done first. */
import type { IpFamily } from '../core/model/address.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { detectIptables } from './iptables/detect.ts';
import { iptablesKernel } from './iptables/kernel.ts';
import { type NfacctProbe, prepareNfacct } from './iptables/nfacct.ts';
import type { IptablesVariant } from './iptables/tools.ts';
import type { Kernel, KernelProblem } from './kernel.ts';
import { ruleEvents } from './netlink/listener.ts';
import { nftKernel } from './nft/kernel.ts';
import { probeNftables } from './nft/probe.ts';
import { type RunCommand, runCommand } from './run-command.ts';

export interface KernelWishes {
  readonly mode: ProxyMode;
  readonly families: readonly IpFamily[];
  /** The setting: with it, KUBE-FIREWALL is ours as well as the kubelet's. */
  readonly localhostNodePorts: boolean;
  /** In iptables mode: chains with rules that no iptables tool can show. */
  readonly onUnreadable?: (chains: readonly string[]) => void;
  /** Of iptables; found out where it is not said. */
  readonly variant?: IptablesVariant;
}

export type KernelChoice =
  | {
      readonly kind: 'ready';
      /** One for each family that this node can have; at least one. */
      readonly kernels: readonly Kernel[];
      /** Of iptables; undefined in nftables mode. */
      readonly variant: IptablesVariant | undefined;
      /** Whether rules may count in nfacct objects; undefined in nftables mode. */
      readonly nfacct: NfacctProbe | undefined;
      /** Sentences to be logged once: which tools and why, and which family is missing. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'unable'; readonly problems: readonly KernelProblem[] };

/** Nothing that a machine can lack is an exception. */
export function chooseKernels(wishes: KernelWishes, run: RunCommand = runCommand): Promise<KernelChoice> {
  return wishes.mode === 'nftables' ? chooseNft(wishes, run) : chooseIptables(wishes, run);
}

async function chooseNft(wishes: KernelWishes, run: RunCommand): Promise<KernelChoice> {
  const { families } = wishes;
  const probe = await probeNftables(run, { families });
  if (probe.kind === 'able') return nftReady(families, probe.nft, run);
  // Perhaps it is only that the node has no IPv6, or no IPv4.
  for (const [i, family] of families.length === 2 ? families.entries() : []) {
    const alone = await probeNftables(run, { families: [family] });
    if (alone.kind === 'unable') continue;
    const why = probe.problems.map(({ problem, detail }) => (detail === '' ? problem : detail)).join('; ');
    return nftReady([family], alone.nft, run, `no ${families[1 - i]} rules on this node: ${why}`);
  }
  return probe;
}

function nftReady(
  families: readonly IpFamily[],
  version: string,
  run: RunCommand,
  ...notes: readonly string[]
): KernelChoice {
  const events = ruleEvents(run);
  const kernels = families.map((family) => nftKernel(family, { run, events, version }));
  return { kind: 'ready', kernels, variant: undefined, nfacct: undefined, notes: [`nft ${version}`, ...notes] };
}

async function chooseIptables(
  { families, localhostNodePorts, variant, onUnreadable }: KernelWishes,
  run: RunCommand,
): Promise<KernelChoice> {
  const detected = await detectIptables(run, { families, variant });
  if (detected.kind === 'unable') return detected;
  const events = ruleEvents(run);
  return {
    kind: 'ready',
    kernels: detected.families.map((family) =>
      iptablesKernel(family, {
        run,
        tools: detected.tools,
        events,
        ...(onUnreadable === undefined ? {} : { onUnreadable }),
        // Loopback NodePorts, and so what guards them, are a matter of IPv4 alone.
        ownsFirewall: localhostNodePorts && family === 'IPv4',
      }),
    ),
    variant: detected.tools.variant,
    nfacct: await prepareNfacct(run, detected.tools),
    notes: detected.notes,
  };
}
