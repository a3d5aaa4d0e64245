/** The capabilities that deploy/ grants: enough for the tools that are called, and not one too many. */
import { expect, it } from 'vitest';
import { type Namespace, withNamespace } from '../../scripts/lab/network/tools.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { overlays, readOverlay } from './deploy.ts';

const rules =
  '*nat\n:T - [0:0]\n-A T -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to 10.0.0.1:80\nCOMMIT\n';
const table = 'table ip t {\n\tmap m {\n\t\ttype ipv4_addr : verdict\n\t}\n}\n';

const calls = {
  legacy: { command: 'iptables-legacy-restore', args: ['--noflush'], input: rules },
  nft: { command: 'iptables-nft-restore', args: ['--noflush'], input: rules },
  table: { command: 'nft', args: ['-f', '-'], input: table },
  conntrack: { command: 'conntrack', args: ['-L'], input: '' },
} as const;

const callsOf = { iptables: ['legacy', 'nft', 'conntrack'], nftables: ['table', 'conntrack'] } as const;

/** `ok`, or that it failed, of a tool that root runs with these capabilities alone. */
function tryCall(namespace: Namespace, name: keyof typeof calls, capabilities: readonly string[]): Promise<string> {
  const { command, args, input } = calls[name];
  const bounds = ['-all', ...capabilities.map((capability) => `+${capability.toLowerCase()}`)].join(',');
  const limits = ['--bounding-set', bounds, '--inh-caps', '-all', '--no-new-privs'];
  return namespace.exec('setpriv', [...limits, command, ...args], { input }).then(
    () => 'ok',
    () => 'failed',
  );
}

describeKernel('the capabilities of deploy/', () => {
  it.each(overlays)('%s: are enough, and each is needed', async (mode) => {
    const granted = readOverlay(mode).pod.containers[0]?.securityContext.capabilities?.add ?? [];
    await withNamespace(async (namespace) => {
      const results = async (capabilities: readonly string[]) =>
        Promise.all(callsOf[mode].map((name) => tryCall(namespace, name, capabilities)));
      expect(new Set(await results(granted))).toEqual(new Set(['ok']));
      for (const left of granted) {
        expect(await results(granted.filter((capability) => capability !== left))).toContain('failed');
      }
    });
  });
});
