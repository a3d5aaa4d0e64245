/** The settings of a network namespace, written by a process inside it. */
import { expect, it } from 'vitest';
import { withNamespace } from '../../scripts/lab/network/tools.ts';
import type { SettingResult } from '../../src/host/node-settings.ts';
import { describeKernel } from '../support/kernel/describe.ts';

const settings = {
  conntrack: { tcpEstablishedTimeoutMs: 86_400_000, tcpCloseWaitTimeoutMs: 3_600_000, tcpBeLiberal: true },
  routeLocalnet: true,
};
const source = new URL('../../src/host/node-settings.ts', import.meta.url).href;
const script = `const { applyNodeSettings } = await import(${JSON.stringify(source)});
console.log(JSON.stringify(await applyNodeSettings(${JSON.stringify(settings)})));`;

/** As container runtimes mount it for unprivileged containers. */
const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"';

describeKernel('node settings', () => {
  it('are written once with privileges; later runs need none', async () => {
    await withNamespace(async ({ exec }) => {
      const node = [process.execPath, '--input-type=module', '-e', script];
      const run = async (command: string, args: readonly string[]): Promise<readonly SettingResult[]> =>
        JSON.parse(await exec(command, args));
      const asContainer = () => run('unshare', ['--mount', 'sh', '-c', readOnly, 'sh', ...node]);
      const outcomes = (results: readonly SettingResult[]) => results.map(({ outcome }) => outcome.kind).join(' ');

      const refused = await asContainer();
      expect(outcomes(refused)).toBe('failed failed failed failed');
      expect(refused[0]?.outcome).toMatchObject({ code: 'EROFS' });
      expect(outcomes(await run(process.execPath, node.slice(1)))).toBe('set set set set');
      expect(outcomes(await asContainer())).toBe('kept kept kept kept');
      expect(await exec('sysctl', ['-n', 'net.netfilter.nf_conntrack_tcp_timeout_close_wait'])).toBe('3600\n');
      expect(await exec('sysctl', ['-n', 'net.ipv4.conf.all.route_localnet'])).toBe('1\n');
    });
  });
});
