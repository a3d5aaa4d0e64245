/** `rulewright compile` as a process: what goes to which stream, and the exit code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { badPort, dualStack, node, service, shop, slice } from '../manifests.ts';
import { entry, folderWith, rulewright, runProgram } from '../run.ts';

const webDnat = '--to-destination 10.244.1.5:8080';

/** Compiles files of a folder of their own. */
function compile(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  return rulewright(['compile', ...args], { cwd: folderWith(files) });
}

describe('exit codes', () => {
  it('0 and a silent standard error when all is well', async () => {
    const { exitCode, stdout, stderr } = await compile({ 'shop.yaml': shop }, '-f', 'shop.yaml');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# rulewright \d+\.\d+\.\d+: iptables-restore input for IPv4\n\*nat\n/);
    expect(stdout).toContain(webDnat);
    expect(stdout).toMatch(/\nCOMMIT\n$/);
  });

  it('1 for an object that was left out; the others are there', async () => {
    const ended = await compile({ 'shop.yaml': `${badPort}---\n${shop}` }, '-f', 'shop.yaml');
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toContain(webDnat);
    expect(ended.stdout).not.toContain('10.96.0.30');
    expect(ended.stderr).toMatch(/\n1 error; 2 Services, 1 EndpointSlice -> \d+ IPv4 rules \(-v shows \d+ more\)\n$/);
  });

  it('0 for an input without Services, but not without a word: another file may have been meant', async () => {
    const { exitCode, stdout, stderr } = await compile(
      { 'node.yaml': node('node-a', '192.168.0.2') },
      '-f',
      'node.yaml',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(':KUBE-SERVICES');
    expect(stderr).toMatch(/^0 Services, 0 EndpointSlices -> \d+ IPv4 rules/);
  });

  it('0 for a warning, 1 with --strict', async () => {
    const files = { 'dual.yaml': dualStack };
    const [lax, strict] = await Promise.all([
      compile(files, '-f', 'dual.yaml'),
      compile(files, '-f', 'dual.yaml', '--strict'),
    ]);
    expect([lax.exitCode, strict.exitCode]).toEqual([0, 1]);
    expect(strict).toEqual({ ...lax, exitCode: 1 });
    expect(lax.stderr).toMatch(/^warning: Flag --ip-family: .*IPv6 cluster IPs \(Services: 1\) \[family-left-out\]\n/);
  });

  it('2 for wrong usage, with a line for each mistake and nothing else', async () => {
    const ended = await compile({}, '--layout', 'x', '--mode', 'ipvs');
    expect(ended).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'error: --filename: nothing given, want -f with a file, a directory or - (stdin)',
        "error: --mode: got 'ipvs', want iptables or nftables: " +
          'ipvs mode is not supported; Kubernetes has deprecated it',
        "error: --layout: got 'x', want fast or kube-proxy",
        '',
      ].join('\n'),
    });
  });
});

describe('inputs', () => {
  it('are read from standard input', async () => {
    const ended = await rulewright(['compile', '-f', '-'], { stdin: shop });
    expect([ended.exitCode, ended.stdout.includes(webDnat)]).toEqual([0, true]);
  });

  it('may be several files after one -f, or one after each', async () => {
    const files = { 'a.yaml': service('web', '10.96.0.10'), 'b.yaml': slice('web', '10.244.1.5') };
    const [together, apart] = await Promise.all([
      compile(files, '-f', 'a.yaml', 'b.yaml'),
      compile(files, '-f', 'b.yaml', '-f', 'a.yaml'),
    ]);
    expect(together.stdout).toContain(webDnat);
    expect(apart).toEqual(together);
  });

  it('may be a directory, without its folders and without files of other kinds', async () => {
    const files = {
      'in/a.yaml': service('web', '10.96.0.10'),
      'in/b.yml': slice('web', '10.244.1.5'),
      'in/notes.txt': 'this: [is no manifest',
      'in/deep/er/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [deep] }),
    };
    const [flat, recursive] = await Promise.all([
      compile(files, '-f', 'in'),
      compile(files, '-f', 'in', '--recursive'),
    ]);
    expect([flat.exitCode, flat.stdout.includes(webDnat), flat.stdout.includes('10.96.0.99')]).toEqual([
      0,
      true,
      false,
    ]);
    expect([recursive.exitCode, recursive.stdout.includes('10.96.0.99')]).toEqual([0, true]);
  });

  it('may be JSON, as kubectl prints it, and give the same rules as YAML', async () => {
    const yaml = await compile(
      { 'x.yaml': `${service('web', '10.96.0.10')}---\n${slice('web', '10.244.1.5')}` },
      '-f',
      '.',
    );
    const list = { apiVersion: 'v1', kind: 'List', items: [webSlice, web] };
    const json = await compile({ 'x.json': JSON.stringify(list) }, '-f', 'x.json');
    expect(json).toEqual(yaml);
  });

  it.each<[string, readonly string[], string]>([
    ['a missing file', ['-f', 'nope.yaml'], 'error: File nope.yaml: there is no such file or directory'],
    [
      'a directory without manifests',
      ['-f', 'empty'],
      'error: File empty: the directory holds no .yaml, .yml or .json',
    ],
    ['what is no text', ['-f', 'binary.yaml'], 'error: File binary.yaml: it is not UTF-8 text'],
    ['nothing at all', ['-f', '-'], 'error: File <stdin>: there is nothing in the input'],
    ['nothing but a broken document', ['-f', 'cut.yaml'], 'error: File cut.yaml: this document cannot be parsed'],
  ])('that are %s give no rules, beside good ones too', async (_, args, message) => {
    const files = { 'cut.yaml': 'a: [1', 'empty/x.txt': '', 'binary.yaml': new Uint8Array([0xff, 0xfe, 0]) };
    const ended = await rulewright(['compile', ...args], { cwd: folderWith(files) });
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(/\n1 error; nothing was compiled\n$/);
    expect(ended.stderr.startsWith(message)).toBe(true);
  });

  it('that cannot be read stop the good ones beside them', async () => {
    const ended = await compile({ 'shop.yaml': shop }, '-f', 'shop.yaml', '-f', 'nope.yaml');
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
  });
});

describe('inputs that are not all that was asked for', () => {
  it.each([
    ['an error of the API server', { kind: 'Status', message: 'Unauthorized' }, 'api-error'],
    ['one page of a list', { kind: 'ServiceList', metadata: { continue: 'abc' }, items: [] }, 'list-incomplete'],
  ])('such as %s stop the good ones beside them', async (_, answer, code) => {
    const files = { 'shop.yaml': shop, 'x.json': JSON.stringify({ apiVersion: 'v1', ...answer }) };
    const ended = await compile(files, '-f', 'shop.yaml', '-f', 'x.json');
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain(`[${code}]\n  --> x.json:1:`);
    expect(ended.stderr).toMatch(/\n1 error; nothing was compiled\n$/);
  });

  it('such as an empty file beside a good one are a warning', async () => {
    const ended = await compile({ 'shop.yaml': shop, 'x.yaml': '\n', 'y.yaml': '# later\n' }, '-f', '.');
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toMatch(/^warning: File x\.yaml: there is nothing in the input \[input-empty\]\n/);
    expect(ended.stderr).not.toContain('y.yaml');
  });
});

describe('output', () => {
  it('is for one restore program: IPv4 unless --ip-family says otherwise', async () => {
    const files = { 'dual.yaml': dualStack };
    const ended = await compile(files, '-f', 'dual.yaml', '--ip-family', 'ipv6');
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toMatch(/^# rulewright \S+: ip6tables-restore input for IPv6\n/);
    expect(ended.stdout).toContain('fd00:10:96::20/128');
    expect(ended.stdout).not.toContain('10.96.0.20');
  });

  it('of both families is separated by lines that no restore program takes', async () => {
    const files = { 'dual.yaml': dualStack };
    const both = await compile(files, '-f', 'dual.yaml', '--ip-family', 'both');
    const alone = await Promise.all(
      ['ipv4', 'ipv6'].map((family) => compile(files, '-f', 'dual.yaml', '--ip-family', family)),
    );
    const [ipv4, ipv6] = alone.map(({ stdout }) => stdout);
    expect(both.stdout).toBe(`==> IPv4 <==\n${ipv4}\n==> IPv6 <==\n${ipv6}`);
  });

  it('warns of a misspelt field, which fails with --strict', async () => {
    const misspelt = service('web', '10.96.0.10').replace('spec:', 'spec:\n  loadBalancerSourceRange: [10.0.0.0/8]');
    const { exitCode, stderr } = await compile({ 'x.yaml': misspelt }, '-f', 'x.yaml');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('  = help: Write loadBalancerSourceRanges\n')]);
    expect(await compile({ 'x.yaml': misspelt }, '-f', 'x.yaml', '--strict')).toMatchObject({ exitCode: 1 });
  });

  it('is JSON for programs, with everything in it', async () => {
    const files = { 'x.yaml': `${badPort}---\n${dualStack}` };
    const args = ['-f', 'x.yaml', '--hostname-override', 'node-1'];
    const [{ exitCode, stdout }, text] = await Promise.all([
      compile(files, ...args, '-o', 'json'),
      compile(files, ...args, '--ip-family', 'ipv4'),
    ]);
    const output: unknown = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(Object.keys(Object(output))).toEqual(['version', 'command', 'families', 'diagnostics']);
    expect(output).toMatchObject({
      version: packageVersion(),
      families: {
        IPv4: { plan: { family: 'IPv4' }, ruleset: { tables: [{ name: 'nat' }, { name: 'filter' }] } },
        IPv6: { plan: { family: 'IPv6' }, text: expect.stringContaining('fd00:10:96::20/128') },
      },
      diagnostics: expect.arrayContaining([
        {
          severity: 'error',
          code: 'number-invalid',
          object: { kind: 'Service', namespace: 'shop', name: 'broken' },
          field: 'spec.ports[0].port',
          problem: expect.any(String),
          remedy: expect.any(String),
          at: { file: 'x.yaml', line: 10, column: 13 },
        },
      ]),
    });
    const ipv4 = Reflect.get(Object(Reflect.get(Object(Reflect.get(Object(output), 'families')), 'IPv4')), 'text');
    expect(text.stdout.slice(text.stdout.indexOf('\n') + 1)).toBe(ipv4);
  });

  it('is the same for the same objects in another order', async () => {
    const objects = [
      service('a', '10.96.0.1'),
      service('b', '10.96.0.2'),
      slice('a', '10.1.1.1'),
      slice('b', '10.1.1.2'),
    ];
    const [forth, back] = await Promise.all([
      compile({ 'x.yaml': objects.join('---\n') }, '-f', 'x.yaml'),
      compile({ 'x.yaml': objects.toReversed().join('---\n') }, '-f', 'x.yaml'),
    ]);
    expect(back).toEqual(forth);
  });

  it('ends quietly when nobody reads it', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => service(`s${i}`, `10.96.${i >> 8}.${i & 255}`)).join('---\n');
    const script = `'${process.execPath}' '${entry}' compile -f x.yaml | head -n 1`;
    const ended = await runProgram('/bin/sh', ['-c', script], { cwd: folderWith({ 'x.yaml': many }) });
    expect([ended.stdout.split('\n').length, ended.stderr]).toEqual([2, '']);
  });

  it('that cannot be written is an error', async () => {
    const script = `'${process.execPath}' '${entry}' compile -f x.yaml > /dev/full`;
    const ended = await runProgram('/bin/sh', ['-c', script], { cwd: folderWith({ 'x.yaml': shop }) });
    expect([ended.exitCode, ended.stderr]).toEqual([1, 'error: standard output: cannot be written (ENOSPC)\n']);
  });
});

describe('flags', () => {
  it('reach the rules', async () => {
    const files = { 'shop.yaml': `${shop}---\n${node('node-1', '192.168.0.1')}` };
    const flags = ['--cluster-cidr', '10.244.0.0/16', '--iptables-masquerade-bit', '15', '--conntrack-tcp-be-liberal'];
    const { stdout } = await compile(files, '-f', 'shop.yaml', ...flags, '--iptables-localhost-nodeports=false');
    expect(stdout).toContain('! -s 10.244.0.0/16');
    expect(stdout).toContain('0x8000/0x8000');
    expect(stdout).not.toContain('INVALID');
    expect(stdout).not.toContain('localnet');
  });

  it('choose the layout', async () => {
    const files = {
      'shop.yaml': shop.replace('endpoints:\n', 'endpoints:\n  - { addresses: [10.244.9.9], nodeName: far }\n'),
    };
    const layouts = ['fast', 'kube-proxy'].map((layout) => compile(files, '-f', 'shop.yaml', '--layout', layout));
    const [fast, kubeProxy] = await Promise.all(layouts);
    expect(fast?.stdout.match(/^:KUBE-SEP-/gm)).toHaveLength(1);
    expect(kubeProxy?.stdout.match(/^:KUBE-SEP-/gm)).toHaveLength(2);
  });
});

const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80 }] },
};

const webSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080 }],
  endpoints: [{ addresses: ['10.244.1.5'] }],
};

const deep = { ...web, metadata: { name: 'deep' }, spec: { clusterIP: '10.96.0.99', ports: [{ port: 80 }] } };

function packageVersion(): unknown {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return Reflect.get(Object(manifest), 'version');
}
