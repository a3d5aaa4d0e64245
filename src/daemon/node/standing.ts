/** Whether the rules that stand on this node serve anything: what an empty folder of manifests would take away. */
import { isChainOfOneService } from '../../core/iptables/chain-owners.ts';
import type { Rules } from '../../core/rules.ts';
import type { Kernel } from '../../host/kernel.ts';

/** Sets and maps that have elements of Services only. */
const ofServices: ReadonlySet<string> = new Set([
  'services',
  'node-ports',
  'frontends',
  'node-port-frontends',
  'refusals',
  'node-port-refusals',
]);

/** Rules that cannot be read may hold Services. Never rejects. */
export async function serveAnything(kernels: readonly Pick<Kernel, 'read'>[]): Promise<boolean> {
  for (const kernel of kernels) {
    const held = await kernel.read().then(holdsServices, () => true);
    if (held) return true;
  }
  return false;
}

function holdsServices(rules: Rules | undefined): boolean {
  if (rules === undefined) return false;
  if (rules.mode === 'iptables') {
    return rules.ruleset.tables.some(({ chains }) => chains.some(({ name }) => isChainOfOneService(name)));
  }
  return rules.ruleset.sets.some(({ name, groups }) => ofServices.has(name) && groups.flat().length > 0);
}
