/** `rulewright plan` as a process: what goes to which stream, and the exit code. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { badPort, node, service, shop, slice } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

const grown = `${shop}---\n${slice('web', '10.244.1.6').replace('name: web-', 'name: more-web-')}`;
/** The Service without its endpoint. */
const emptied = service('web', '10.96.0.10');

/** The step from `old.yaml` to `new.yaml` in a folder of their own. */
function plan(files: { readonly old: string; readonly wanted: string }, ...args: readonly string[]) {
  const cwd = folderWith({ 'old.yaml': files.old, 'new.yaml': files.wanted });
  return rulewright(['plan', 'old.yaml', 'new.yaml', '--hostname-override', 'node-a', ...args], { cwd });
}

describe('rulewright plan', () => {
  it('says that nothing changes where nothing does', async () => {
    const { exitCode, stdout, stderr } = await plan({ old: shop, wanted: shop });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^on node-a: nothing changes \(1 Service\)\n/);
  });

  it('names what changes, without colours for a file, with colours on demand', async () => {
    const plain = await plan({ old: shop, wanted: grown });
    expect([plain.exitCode, plain.stderr]).toEqual([0, '']);
    expect(plain.stdout).toContain('\n    ~ IPv4 endpoints of http 80/TCP: 1 → 2\n    + 10.244.1.6:8080\n');
    const colored = await plan({ old: shop, wanted: grown }, '--color', 'always');
    expect(colored.stdout).toContain('\u001b[32m+ 10.244.1.6:8080\u001b[39m');
  });

  it('gives programs one JSON object', async () => {
    const { stdout } = await plan({ old: shop, wanted: emptied }, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      mode: 'iptables',
      nodes: [
        {
          names: ['node-a'],
          services: [{ namespace: 'shop', name: 'web', change: 'changed' }],
          risks: [{ code: 'frontend-loses-endpoints', severity: 'high', service: 'shop/web' }],
          totals: { before: 1, after: 1 },
          rules: [
            { mode: 'iptables', family: 'IPv4' },
            { mode: 'iptables', family: 'IPv6', bytes: 0 },
            { mode: 'nftables', family: 'IPv4' },
            { mode: 'nftables', family: 'IPv6', bytes: 0 },
          ],
        },
      ],
      diagnostics: [{ code: 'node-unknown', severity: 'info' }],
    });
  });

  it('names what it could not judge in each format, and --fail-on fails on it', async () => {
    const fromGit = service('web', '10.96.0.10').replace('  clusterIP: 10.96.0.10\n', '');
    const files = { old: shop, wanted: `${fromGit}---\n${slice('web', '10.244.1.5')}` };
    const text = await plan(files, '--fail-on', 'service-deleted');
    expect([text.exitCode, text.stderr]).toEqual([1, expect.stringContaining('error: --fail-on: not-judged\n')]);
    expect(text.stdout).toMatch(/^on node-a: 1 object could not be judged; nothing else changes \(1 Service\)\n/);
    expect(text.stdout).toContain('Service shop/web in NEW: spec.clusterIP: ');
    expect((await plan(files, '-o', 'markdown')).stdout).toContain('! high: Service shop/web in NEW: ');
    const json = await plan(files, '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      nodes: [{ notJudged: [{ input: 'NEW', kind: 'Service', namespace: 'shop', name: 'web' }], services: [] }],
    });
    expect(json.exitCode).toBe(0);
  });

  it('with --overlay judges manifests as Git has them', async () => {
    const fromGit = service('web', '10.96.0.10').replace('clusterIP: 10.96.0.10', 'selector: { app: other }');
    const { exitCode, stdout, stderr } = await plan({ old: shop, wanted: fromGit }, '--overlay', '--fail-on', 'high');
    expect([exitCode, stderr]).toEqual([1, 'error: --fail-on: selector-changed\n']);
    expect(stdout).toContain('\n    ~ selector: none → app=other\n');
    expect(stdout).not.toContain('cluster IP');
  });

  it('gives pull requests a comment in Markdown', async () => {
    const { stdout } = await plan({ old: shop, wanted: emptied }, '-o', 'markdown');
    expect(stdout).toMatch(/^### What changes on <code>node-a<\/code>\n/);
    expect(stdout).toContain(
      '<details open><summary><code>~ Service shop/web</code> <b>1 high</b></summary>\n\n```diff\n',
    );
  });

  it.each([
    [['--fail-on', 'high'], 1, 'error: --fail-on: frontend-loses-endpoints\n'],
    [['--fail-on', 'service-deleted'], 0, ''],
  ])('with %j ends with %i, whatever else it prints', async (args, exitCode, stderr) => {
    const ended = await plan({ old: shop, wanted: emptied }, ...args);
    expect([ended.exitCode, ended.stderr]).toEqual([exitCode, stderr]);
    expect(ended.stdout).toContain('[frontend-loses-endpoints]');
  });

  it('shows what it can, and ends with 1, when an object is left out', async () => {
    const { exitCode, stdout, stderr } = await plan({ old: shop, wanted: `${grown}---\n${badPort}` });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('new.yaml:');
    expect(stderr).toMatch(/\n1 error \(-v shows 1 more\)\n$/);
    expect(stdout).toContain('10.244.1.6');
  });

  it('compares nothing when an input cannot be read', async () => {
    const cwd = folderWith({ 'old.yaml': shop });
    const ended = await rulewright(['plan', 'old.yaml', 'gone.yaml'], { cwd });
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain('nothing was compared');
  });

  it('lets what NEW does not mention stay with --overlay', async () => {
    const wanted = service('web', '10.96.0.99');
    const replaced = await plan({ old: shop, wanted });
    expect(replaced.stdout).toContain('- 10.244.1.5:8080');
    const overlaid = await plan({ old: shop, wanted }, '--overlay');
    expect(overlaid.stdout).not.toContain('- 10.244.1.5:8080');
    expect(overlaid.stdout).toContain('+ everyone at cluster IP 10.96.0.99:80/TCP: not handled → 1 endpoint');
  });

  it('asks for every Node with --all-nodes, and puts together those that are alike', async () => {
    const nodes = ['node-a', 'node-b'].map((name, i) => node(name, `192.168.0.${i}`)).join('---\n');
    const cwd = folderWith({ 'old.yaml': `${nodes}---\n${shop}`, 'new.yaml': `${nodes}---\n${grown}` });
    const { exitCode, stdout } = await rulewright(['plan', 'old.yaml', 'new.yaml', '--all-nodes'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^on node-a, node-b: Services: 1 changed/);
  });

  it('says so when --all-nodes finds no Node', async () => {
    const cwd = folderWith({ 'old.yaml': shop, 'new.yaml': grown });
    const { exitCode, stdout, stderr } = await rulewright(['plan', 'old.yaml', 'new.yaml', '--all-nodes'], { cwd });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('[node-none]');
  });
});

describe('rulewright plan --from', () => {
  /** A daemon's debug address that answers this. */
  async function daemon(status: number, body: string): Promise<string> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/debug/snapshot' ? status : 404;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const web = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80 }] },
  };

  it('takes OLD from a running daemon', async () => {
    const url = await daemon(200, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [web] }));
    const cwd = folderWith({ 'new.yaml': shop });
    const { exitCode, stdout, stderr } = await rulewright(['plan', '--from', url, 'new.yaml'], { cwd });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('+ everyone at cluster IP 10.96.0.10:80/TCP: refused → 1 endpoint');
  });

  it('compares nothing when there is no such daemon', async () => {
    const cwd = folderWith({ 'new.yaml': shop });
    const refused = await rulewright(['plan', '--from', await daemon(404, 'no'), 'new.yaml'], { cwd });
    expect([refused.exitCode, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('it answers 404');
    // Port 9 (discard) is nobody's on a machine of today.
    const gone = await rulewright(['plan', '--from', 'http://127.0.0.1:9', 'new.yaml'], { cwd });
    expect([gone.exitCode, gone.stdout]).toEqual([1, '']);
    expect(gone.stderr).toContain('[input-unreadable]');
  });
});

describe('wrong usage of plan', () => {
  it('is a line for each error, and exit code 2', async () => {
    const stderr = [
      "error: --output: got 'yaml', want text, markdown or json",
      'error: --zone: it describes one node, want it without --all-nodes',
      'error: OLD, NEW: got - (stdin) more than once, want it at most once',
      '',
    ].join('\n');
    const args = ['plan', '-', '-', '-o', 'yaml', '--all-nodes', '--zone', 'z'];
    expect(await rulewright(args)).toEqual({ exitCode: 2, stdout: '', stderr });
  });
});
