/** Whether the kernel has what the cluster says: compiled here, read back, and compared. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../../../scripts/lab/api-server/server.ts';
import type { Namespace } from '../../../scripts/lab/network/tools.ts';
import { compile } from '../../../src/core/compiler.ts';
import { readManifest } from '../../../src/core/manifest/manifest.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import { adoptRules, diffRules, type Rules } from '../../../src/core/rules.ts';
import { emptySnapshot, reduce } from '../../../src/core/snapshot/snapshot.ts';
import type { Kernel } from '../../../src/host/kernel.ts';
import { iptablesKernelIn, nftKernelIn } from '../../support/kernel/host-kernels.ts';
import { type Mode, variantOf } from './proxy.ts';

export interface KernelState {
  /** What is missing or too much, as the text that would mend it, by family; empty when all is as it should. */
  difference(): Promise<string>;
  /** Waits until there is no difference, and gives the time that took. */
  settled(): Promise<number>;
}

export interface KernelStateOptions {
  readonly node: Namespace;
  readonly mode: Mode;
  readonly config: NodeConfig;
  readonly server: ApiServer;
  readonly families?: readonly IpFamily[];
}

const longestMs = 60_000;

export function kernelState({ node, mode, config, server, families = ipFamilies }: KernelStateOptions): KernelState {
  const kernels = families.map((family) => kernelIn(node, mode, family));
  const difference = async (): Promise<string> => {
    const texts: string[] = [];
    for (const kernel of kernels) {
      const wanted = wantedRules(server, config, kernel.family);
      const read = await kernel.read();
      const { text } = diffRules(read && adoptRules(read, wanted), wanted);
      if (text !== '') texts.push(`${kernel.family}:\n${text}`);
    }
    return texts.join('\n');
  };
  return {
    difference,
    settled: async () => {
      const startedAt = performance.now();
      for (;;) {
        const left = await difference();
        const tookMs = performance.now() - startedAt;
        if (left === '') return tookMs;
        // The program under test needs the processor more than this one.
        await sleep(20);
        if (tookMs > longestMs) throw new Error(`after ${longestMs} ms the kernel still lacks:\n${left}`);
      }
    },
  };
}

function kernelIn(node: Namespace, mode: Mode, family: IpFamily): Kernel {
  if (mode === 'nftables') return nftKernelIn(node, family);
  return iptablesKernelIn(node, variantOf(mode), { family });
}

/** Of what the API server has now. */
function wantedRules(server: ApiServer, config: NodeConfig, family: IpFamily): Rules {
  const { manifests } = readManifest(everything(server));
  const events = manifests.map((manifest) => ({ type: 'set', manifest }) as const);
  const rules = compile(reduce(emptySnapshot, events), config, [family]).rules[family];
  if (rules === undefined) throw new Error(`no rules for ${family}`);
  return rules;
}

/** As kubectl gives it. */
export function everything(server: ApiServer): unknown {
  const items = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'].flatMap((kind) =>
    server.list(kind).map(([, { object }]) => object),
  );
  return { apiVersion: 'v1', kind: 'List', items };
}
