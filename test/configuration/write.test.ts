import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { completeConfiguration } from '../../src/configuration/complete.ts';
import { readDocument } from '../../src/configuration/document.ts';
import { type Configuration, fieldAt, fieldPaths } from '../../src/configuration/fields.ts';
import { writeConfiguration } from '../../src/configuration/write.ts';
import { documentWith, examples } from './examples.ts';

function configurationOf(text: string): Configuration {
  const { given, findings } = readDocument({ name: 'config.conf', index: 0, text });
  expect(findings).toEqual([]);
  return completeConfiguration(given).configuration;
}

const written = fieldPaths.filter((path) => !fieldAt(path).removed);

it('law: what is written is read back to the same configuration, whatever fields were given', () => {
  fc.assert(
    fc.property(fc.subarray(written), (paths) => {
      const text = documentWith(Object.fromEntries(paths.map((path) => [path, examples[path].json])));
      const configuration = configurationOf(text);
      expect(configurationOf(writeConfiguration(configuration))).toEqual(configuration);
    }),
    { seed: 4 },
  );
});

it('every field is written, and none that kube-proxy does not have any more', () => {
  const { configuration } = completeConfiguration({});
  const document = parseDocument(writeConfiguration(configuration));
  expect(fieldPaths.filter((path) => !document.hasIn(path.split('.')))).toEqual(
    fieldPaths.filter((path) => fieldAt(path).removed),
  );
});

it('a server that is off is told, because no field can say so', () => {
  const { configuration } = completeConfiguration({ metricsBindAddress: null });
  expect(writeConfiguration(configuration)).toMatch(/^# metricsBindAddress: there is no such server; only flags/);
});
