import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/configuration/document.ts';
import { type FieldPath, fieldPaths } from '../../src/configuration/fields.ts';
import { documentWith, examples } from './examples.ts';

const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
const read = (text: string) => {
  const { given, findings } = readDocument({ name: 'config.conf', index: 0, text });
  return { given, findings, diagnostics: findings.map(({ diagnostic }) => diagnostic) };
};

/** `iptables.masqueradeBit 4:18 the number 32 is not valid here` */
function problemsIn(text: string): readonly string[] {
  return read(text).findings.map(({ diagnostic: { field, problem }, place }) => {
    const before = text.slice(0, place?.offset ?? 0).split('\n');
    return `${field} ${before.length}:${(before.at(-1) ?? '').length + 1} ${problem}`;
  });
}

describe('each field', () => {
  it.each(fieldPaths)('%s is read', (path) => {
    const { json, value = json } = examples[path];
    const { given, diagnostics } = read(documentWith({ [path]: json }));
    expect([given, diagnostics]).toEqual([{ [path]: value }, []]);
  });

  it.each(fieldPaths)('%s is refused by name when it is not valid', (path) => {
    const { given, diagnostics } = read(documentWith({ [path]: examples[path].wrong }));
    expect(given).toEqual({});
    expect(diagnostics).toMatchObject([
      {
        code: 'field-invalid',
        severity: 'error',
        object: { kind: 'KubeProxyConfiguration', name: 'config.conf' },
        field: path,
        problem: expect.stringMatching(/ is not valid here$/),
        remedy: expect.stringMatching(/^write /),
      },
    ]);
  });

  it.each(fieldPaths)('%s may be null, which says nothing', (path) => {
    expect(read(documentWith({ [path]: null }))).toMatchObject({ given: {}, diagnostics: [] });
  });

  it.each<[FieldPath, unknown]>([
    ['iptables.syncPeriod', '0s'],
    ['nftables.syncPeriod', '0s'],
    ['configSyncPeriod', '0s'],
    ['clientConnection.qps', 0],
    ['clientConnection.burst', 0],
    ['logging.flushFrequency', 0],
    ['mode', ''],
    ['detectLocalMode', ''],
    ['bindAddress', ''],
    ['healthzBindAddress', ''],
    ['metricsBindAddress', ''],
    ['clusterCIDR', ''],
    ['nodePortAddresses', []],
  ])('%s %j says nothing, as in kube-proxy', (path, json) => {
    const { given, diagnostics } = read(documentWith({ [path]: json }));
    expect([given[path], diagnostics]).toEqual([undefined, []]);
  });
});

describe('strictly', () => {
  it.each<[string, string, readonly string[]]>([
    ['an unknown field', 'modus: x\n', ['modus 3:8 there is no such field']],
    ['one in a section', 'iptables:\n  sync: x\n', ['iptables.sync 4:9 there is no such field']],
    ['one of a section, outside it', 'masqueradeBit: 14\n', ['masqueradeBit 3:16 there is no such field']],
    ['a path as a key', 'iptables.masqueradeBit: 14\n', ['iptables.masqueradeBit 1:1 there is no such field']],
    ['what cannot become a text', 'mode: { toString: 1 }\n', ['mode 3:1 an object is not valid here']],
    ['a section that is none', 'conntrack: [1]\n', ['conntrack 3:1 a list is not valid here']],
    ['a value', 'iptables:\n  masqueradeBit: 32\n', ['iptables.masqueradeBit 4:18 the number 32 is not valid here']],
    [
      'all of them at once',
      'mode: ipvs\noomScoreAdj: 5000\n',
      ['mode 3:7 the text "ipvs" is not valid here', 'oomScoreAdj 4:14 the number 5000 is not valid here'],
    ],
    [
      'a key that repeats',
      'mode: iptables\nmode: nftables\nportRange: ""\nportRange: ""\n',
      [' 4:1 it cannot be parsed: Map keys must be unique', ' 6:1 it cannot be parsed: Map keys must be unique'],
    ],
    ['a second document', `---\n${head}`, [' 3:1 there is more than one document in it']],
    [
      'an alias without anchor',
      'mode: *x\n',
      [' 1:1 it cannot be parsed: Unresolved alias (the anchor must be set before the alias): x'],
    ],
  ])('%s is refused at its place', (_, text, problems) => {
    expect(problemsIn(head + text)).toEqual(problems);
  });

  it.each<[string, string, readonly string[]]>([
    ['an empty file', '', [' 1:1 there is nothing in it']],
    ['a comment', '# nothing\n---\n', [' 1:1 there is nothing in it']],
    ['a text', 'hello', [' 1:1 it is not an object']],
    ['a list', '- 1', [' 1:1 it is not an object']],
    [
      'another version',
      head.replace('v1alpha1', 'v1'),
      ['apiVersion 1:13 the text "kubeproxy.config.k8s.io/v1" is not valid here'],
    ],
    [
      'another kind',
      head.replace('KubeProxy', 'Kubelet'),
      ['kind 2:7 the text "KubeletConfiguration" is not valid here'],
    ],
    ['no kind', head.split('\n', 1)[0] ?? '', ['kind 1:1 nothing is given']],
    ['a file that is too long', `${head}#${'x'.repeat(100_000)}`, [' 1:1 it is too long for a configuration']],
    ['broken JSON', '{"kind": ', [expect.stringMatching(/^ 1:\d+ it cannot be parsed: /)]],
  ])('%s is refused', (_, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });

  it('stands up to aliases of aliases', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`);
    expect(problemsIn(`${head}a0: &a0 [x]\n${lines.join('\n')}`)).toEqual([
      expect.stringContaining('Excessive alias count'),
    ]);
  });

  it.each<[string, string]>([
    ['metadata: { name: kube-proxy, labels: { app: x } }', 'metadata'],
    ['status: {}', 'status'],
    ['nonsense: 1', 'nonsense'],
    ['__proto__: { mode: nftables }', '__proto__'],
    ['conntrack: { hardLimit: 1 }', 'conntrack.hardLimit'],
  ])('passes over %s with a warning, as kube-proxy does', (text, field) => {
    const { given, diagnostics } = read(`${head}mode: nftables\n${text}\n`);
    expect(given).toEqual({ mode: 'nftables' });
    expect(diagnostics).toMatchObject([{ field, severity: 'warning', code: 'field-unknown', remedy: 'take it out' }]);
  });

  it.each<[string, string]>([
    ['clusterCidr', 'write clusterCIDR'],
    ['masqueradeAll', 'write iptables.masqueradeAll'],
    ['Iptables', 'write iptables'],
    ['mdoe', 'write mode'],
    ['metricsBindAdress', 'write metricsBindAddress'],
  ])('helps with %s: %s', (key, remedy) => {
    expect(read(`${head}${key}: {}`).diagnostics[0]?.remedy).toBe(remedy);
  });

  it('law: any JSON in any field is read or refused by the name of that field, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fieldPaths), fc.jsonValue(), (path, json) => {
        const { given, diagnostics } = read(documentWith({ [path]: json }));
        expect(Object.keys(given).every((key) => key === path)).toBe(true);
        expect(diagnostics.map(({ field, code }) => [field, code])).toEqual(
          diagnostics.length === 0 ? [] : [[path, 'field-invalid']],
        );
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('law: any text is read or refused, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const each of [text, head + text]) {
          expect(read(each).diagnostics.every(({ severity }) => severity === 'error')).toBe(true);
        }
      }),
      { seed: 4 },
    );
  });

  it('stands up to deep nesting and to a great many problems', () => {
    expect(problemsIn(`${head}mode: ${'['.repeat(40_000)}`)).toEqual([expect.stringContaining('it cannot be parsed')]);
    const many = Array.from({ length: 10_000 }, (_, i) => `x${i}: 1\n`).join('');
    expect(problemsIn(head + many)).toHaveLength(50);
  });

  it('escapes what is hostile', () => {
    const [diagnostic] = read(`${head}"a\\e[2J\\nb": 1`).diagnostics;
    expect(diagnostic?.field).toBe('a\\u001b[2J\\nb');
  });

  it('reads aliases and merged maps as Kubernetes does', () => {
    const text = `${head}iptables: &same\n  masqueradeBit: 3\nnftables:\n  <<: *same\n  masqueradeAll: true\n`;
    expect(read(text)).toMatchObject({
      given: { 'iptables.masqueradeBit': 3, 'nftables.masqueradeBit': 3, 'nftables.masqueradeAll': true },
      diagnostics: [],
    });
  });
});
