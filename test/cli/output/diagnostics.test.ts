/** What people read on standard error. */
import { describe, expect, it } from 'vitest';
import { badPort, service, shop } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

async function stderrOf(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const ended = await rulewright(['compile', ...args], { cwd: folderWith(files) });
  return ended.stderr;
}

describe('a diagnostic', () => {
  it('names object, field, place and remedy, and shows the line', async () => {
    const stderr = await stderrOf({ 'x.yaml': `# shop\n---\n${badPort}` }, '-f', 'x.yaml');
    expect(stderr.slice(0, stderr.indexOf('1 error;'))).toBe(
      `error: Service shop/broken: spec.ports[0].port: 70000 is not a whole number from 1 to 65535 [number-invalid]
  --> x.yaml:12:13
  12 |       port: 70000
     |             ^
  = help: Use a whole number from 1 to 65535
`,
    );
  });

  it('has a place in JSON too', async () => {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { clusterIP: '1.2.3' } };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object] }, null, 2);
    expect(await stderrOf({ 'x.json': text }, '-f', 'x.json')).toContain(
      '\n  --> x.json:12:22\n  12 |         "clusterIP": "1.2.3"\n',
    );
  });

  it('about a decision of the compiler points at the object’s field', async () => {
    const services = ['a', 'b'].map((name) => service(name, '[10.96.0.1]').replace('clusterIP:', 'clusterIPs:'));
    const text = services.join('---\n');
    expect(await stderrOf({ 'x.yaml': text }, '-f', 'x.yaml')).toMatch(
      /^warning: Service shop\/b: spec\.clusterIPs: .* \[frontend-conflict\]\n {2}--> x\.yaml:18:3\n/,
    );
  });

  it('about a broken document says where it breaks, and the others are compiled', async () => {
    const files = { 'x.yaml': `${service('a', '10.96.0.1')}---\nspec: "never closed\n---\n${shop}` };
    const ended = await rulewright(['compile', '-f', 'x.yaml'], { cwd: folderWith(files) });
    expect(ended.stderr).toMatch(/^error: File x\.yaml: this document cannot be parsed: .*\n {2}--> x\.yaml:12:19\n/);
    expect(ended.stderr).toMatch(/\n1 error; 2 Services, 1 EndpointSlice -> /);
    expect([ended.exitCode, ended.stdout.includes('10.96.0.10/32')]).toEqual([1, true]);
  });

  it('about an object given twice names both places, and the first stays', async () => {
    const files = { 'a.yaml': service('web', '10.96.0.1'), 'b.yaml': `---\n${service('web', '10.96.0.2')}` };
    const ended = await rulewright(['compile', '-f', 'a.yaml', '-f', 'b.yaml'], { cwd: folderWith(files) });
    expect(ended.stderr).toContain('Service shop/web: this object is given more than once, first in a.yaml:4:9;');
    expect(ended.stderr).toContain('\n  --> b.yaml:5:9\n');
    expect([ended.stdout.includes('10.96.0.1/32'), ended.stdout.includes('10.96.0.2/32')]).toEqual([true, false]);
  });
});

describe('diagnostics', () => {
  it('come in the order of the files and lines', async () => {
    const two = `${badPort}---\n${badPort.replace('broken', 'second')}`;
    const stderr = await stderrOf(
      { 'z.yaml': two, 'a.yaml': two.replaceAll('shop', 'a') },
      '-f',
      'z.yaml',
      '-f',
      'a.yaml',
    );
    expect(stderr.match(/^ {2}--> .*/gm)).toEqual([
      '  --> z.yaml:10:13',
      '  --> z.yaml:21:13',
      '  --> a.yaml:10:13',
      '  --> a.yaml:21:13',
    ]);
  });

  it('of severity info are shown with -v only', async () => {
    const files = { 'x.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\n---\n${shop}` };
    const [quiet, verbose] = await Promise.all([
      stderrOf(files, '-f', 'x.yaml'),
      stderrOf(files, '-f', 'x.yaml', '-v'),
    ]);
    expect(quiet).toBe('');
    expect(verbose).toMatch(/^info: Deployment d: .* \[kind-ignored\]\n {2}--> x\.yaml:1:1\n/);
  });

  it('have colours only when somebody asks, or looks', async () => {
    const options = { cwd: folderWith({ 'x.yaml': badPort }) };
    const run = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
      const { stderr } = await rulewright(['compile', '-f', 'x.yaml', ...args], { ...options, env });
      return stderr.includes('\u001b[');
    };
    const all = await Promise.all([
      run([], {}),
      run(['--color', 'always'], {}),
      run([], { FORCE_COLOR: '1' }),
      run([], { FORCE_COLOR: '1', NO_COLOR: '1' }),
      run(['--color=never'], { FORCE_COLOR: '1' }),
      run([], { CI: 'true' }),
    ]);
    expect(all).toEqual([false, true, true, false, false, false]);
  });
});

describe('hostile text', () => {
  const hostile = [
    '\u001b[2J\u001b]0;owned\u0007',
    '\u202egnp',
    'a\nerror: forged',
    '\u009b31m',
    '\u0000',
    '" -j ACCEPT',
  ];

  it.each(hostile)('%j never reaches the terminal or the rules raw', async (text) => {
    const objects = [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: text, namespace: text }, spec: { clusterIP: text } },
      { apiVersion: 'v1', kind: text, metadata: { name: text } },
      { apiVersion: text, kind: 'Node', metadata: { name: 'n', labels: { [text]: text } }, [text]: text },
      { [text]: text },
    ];
    // File names and arguments cannot hold a NUL.
    const word = text.replaceAll('\u0000', '\u0001');
    const cwd = folderWith({ [word]: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
    const args = ['compile', '-f', `./${word}`, '-v'];
    const ended = await Promise.all([
      rulewright(args, { cwd }),
      rulewright([...args, '-o', 'json'], { cwd }),
      rulewright([...args, '--zone', word], { cwd }),
      rulewright([...args, '-f', `${word}/missing`], { cwd }),
    ]);
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([1, 1, 2, 1]);
    for (const { stdout, stderr } of ended) {
      expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(stderr).not.toMatch(/^error: forged/m);
    }
    expect(ended[0]?.stdout).toBe(await rulesOfNothing());
  });

  it('in the source line is escaped, and the caret stands below the place', async () => {
    const text = badPort.replace('- name: http\n      port: 70000', '- { name: "\u001b[31m\u202e", port: 70000 }');
    const stderr = await stderrOf({ 'x.yaml': text }, '-f', 'x.yaml');
    const lines = stderr.split('\n');
    const shown = lines.findIndex((line) => line.startsWith('  9 |') && line.includes('70000'));
    expect(lines[shown]).toBe('  9 |     - { name: "\\u{1b}[31m\\u{202e}", port: 70000 }');
    const carets = lines.filter((line) => line.trimEnd().endsWith('^')).map((line) => line.indexOf('^'));
    expect(carets).toContain(lines[shown]?.indexOf('70000'));
  });
});

async function rulesOfNothing(): Promise<string> {
  const { stdout } = await rulewright(['compile', '-f', '-'], {
    stdin: '{"apiVersion": "v1", "kind": "List", "items": []}',
  });
  return stdout;
}
