/** Packets counted by nfacct objects that our rules name, on a kernel that has them and with the real program. */
import { expect, it } from 'vitest';
import { type Namespace, variants, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { lowerPlan } from '../../../src/core/rules.ts';
import { chooseKernels } from '../../../src/host/choose-kernels.ts';
import { readNfacct } from '../../../src/host/iptables/nfacct.ts';
import { runCommand } from '../../../src/host/run-command.ts';
import { commandsIn } from '../../support/kernel/commands.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { adopt } from '../../support/kernel/host-kernels.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

/** Debian has it in the package nfacct. Without it the daemon does not count, and the second test is not there. */
const hasProgram = (await runCommand('nfacct', ['version'])).kind !== 'missing';

const shop = snapshotOf({
  services: [service('web', { ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }] })],
  slices: [slice('web', [endpoint('127.0.0.1')], { ports: [{ name: 'http', protocol: 'TCP', port: 8080 }] })],
});

async function kernelOf(namespace: Namespace, variant: (typeof variants)[number]) {
  const wishes = { mode: 'iptables', families: ['IPv4'], localhostNodePorts: true, variant } as const;
  const choice = await chooseKernels(wishes, commandsIn(namespace));
  const [kernel] = choice.kind === 'ready' ? choice.kernels : [];
  if (choice.kind !== 'ready' || kernel === undefined) return expect.fail('no kernel');
  return { kernel, nfacct: choice.nfacct };
}

describeKernel('nfacct', () => {
  it.each(variants)('is used exactly where the machine has its program: %s', async (variant) => {
    await withNamespace(async (namespace) => {
      const { nfacct } = await kernelOf(namespace, variant);
      expect(nfacct?.kind).toBe(hasProgram ? 'able' : 'unable');
    });
  });

  it.runIf(hasProgram).each(variants)('counts connections to a NodePort on localhost: %s', async (variant) => {
    await withNamespace(async (namespace) => {
      const { kernel } = await kernelOf(namespace, variant);
      const config = nodeConfig({ nfacct: true });
      await adopt(kernel, lowerPlan(planFamily(shop, config, 'IPv4').plan, config));
      // Shorter than the second after which a SYN is sent again.
      await namespace.exec('sh', ['-c', 'ip link set lo up; timeout 0.5 bash -c "</dev/tcp/127.0.0.1/30080" || true']);
      expect(await readNfacct(commandsIn(namespace))).toEqual(
        new Map([
          ['ct_state_invalid_dropped_pkts', 0],
          ['localhost_nps_accepted_pkts', 1],
        ]),
      );
      // What stands is what was sent: nothing is sent again.
      expect(await adopt(kernel, lowerPlan(planFamily(shop, config, 'IPv4').plan, config))).toBe('');
    });
  });
});
