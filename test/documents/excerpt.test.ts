import { describe, expect, it } from 'vitest';
import { excerptAt } from '../../src/documents/excerpt.ts';
import { parseYaml } from '../../src/documents/yaml.ts';

const excerptOf = (text: string, wanted = 's3cr3t'): string | undefined =>
  excerptAt({ source: { name: 'x', index: 0, text }, offset: text.indexOf(wanted) });

describe('the line that a finding shows', () => {
  it.each([
    'apiVersion: v1\nkind: Service\nspec: {x: s3cr3t}\n',
    '{"apiVersion":"v1","kind":"Service","spec":{"x":"s3cr3t"}}',
    '{\n  "kind": "List",\n  "apiVersion": "v1",\n  "items": ["s3cr3t"]}',
    '---\nkind: KubeProxyConfiguration\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nx: s3cr3t',
  ])('is shown of a manifest: %j', (text) => {
    expect(excerptOf(text)).toContain('s3cr3t');
  });

  it.each([
    'AWS_SECRET_ACCESS_KEY=s3cr3t',
    'HOME=/home/ci\0TOKEN=s3cr3t\0',
    'password: s3cr3t\nuser: me\n',
    '{"auths":{"registry":{"auth":"s3cr3t"}}}',
    'apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: s3cr3t}}]\n',
    'apiVersion: v1\nkind: Secret\nstringData: {x: s3cr3t}\n',
    'kind: Service\napiVersion: v1\n---\ntoken: s3cr3t\n',
    'root:s3cr3t:0:0:kind: apiVersion: ci:/home/ci:/bin/bash\n',
  ])('is not shown of what is none: %j', (text) => {
    expect(excerptOf(text)).toBeUndefined();
  });
});

it.each(['TOKEN: *s3cr3t', 'TOKEN: !s3cr3t x', 'a: "\\s3cr3t', '"x" s3cr3t: "', '[a] s3cr3t', '%s3cr3t\n--- x\n'])(
  'the parser does not quote what is no manifest: %j',
  (text) => {
    const { findings } = parseYaml({ name: 'x', index: 0, text });
    expect(JSON.stringify(findings.map(({ diagnostic }) => diagnostic))).not.toContain('s3cr3t');
  },
);
