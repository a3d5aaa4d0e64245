import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../../src/core/manifest/manifest.ts';
import { hostileObjects } from '../../../support/hostile/objects.ts';
import { apiService, apiSlice, withoutDefaults } from './arbitrary-api.ts';
import { expectCleanModel } from './clean-model.ts';

const seed = 20_261_123;
const list = (items: readonly unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });

/** Anything at all in any field that is read, at any depth. */
const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.ipV4(), fc.ipV6());
const anything = fc.oneof(scalar, fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }));

/** A good object in which one value, anywhere, was replaced by anything. */
function withDamage(object: unknown): fc.Arbitrary<unknown> {
  const paths = pathsOf(object);
  return fc.tuple(fc.constantFrom(...paths), anything).map(([path, value]) => replaceAt(object, path, value));
}

function pathsOf(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, item]) => pathsOf(item).map((path) => [key, ...path]))];
}

function replaceAt(object: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined || typeof object !== 'object' || object === null) return value;
  if (Array.isArray(object))
    return object.map((item, at) => (String(at) === key ? replaceAt(item, rest, value) : item));
  const fields = object as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: replaceAt(fields[key], rest, value) };
}

/** Without the objects as they are in the document. */
function resultOf(json: unknown) {
  const { manifests, diagnostics } = readManifest(json);
  return { manifests, diagnostics };
}

describe('readManifest', () => {
  it('never throws and never gives anything unclean, whatever it reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (json) => {
        for (const value of [
          json,
          list([json]),
          { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: json },
        ]) {
          expectCleanModel(readManifest(value).manifests);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it('keeps a neighbour of a damaged object unchanged', () => {
    const good = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'good' } };
    const damaged = fc.oneof(apiService, apiSlice).chain(withDamage);
    fc.assert(
      fc.property(damaged, (object) => {
        const { manifests } = readManifest(list([object, good]));
        expectCleanModel(manifests);
        expect(manifests.at(-1)?.object).toEqual({ name: 'good', addresses: [], podCidrs: [] });
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('reads what the API serves without a word', () => {
    fc.assert(
      fc.property(fc.oneof(apiService, apiSlice), (object) => {
        const { manifests, diagnostics } = readManifest(object);
        expect([manifests.length, diagnostics]).toEqual([1, []]);
        expectCleanModel(manifests);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('reads the same from an object and from one without what the API would fill in', () => {
    fc.assert(
      fc.property(fc.oneof(apiService, apiSlice), (object) => {
        expect(resultOf(withoutDefaults(object))).toEqual(resultOf(object));
      }),
      { seed, numRuns: 500 },
    );
  });

  it('reads the same whatever the order of keys', () => {
    const reverse = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reverse);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, reverse(item)]),
      );
    };
    fc.assert(
      fc.property(fc.oneof(apiService, apiSlice).chain(withDamage), (object) => {
        expect(resultOf(reverse(object))).toEqual(resultOf(object));
      }),
      { seed, numRuns: 500 },
    );
  });

  it('does not change what it reads', () => {
    const sizes = hostileObjects.filter(({ title }) => !/million|10 MB|in lists|deep|itself|too big/.test(title));
    for (const hostile of sizes) {
      const json = hostile.make();
      const before = structuredClone(json);
      readManifest(list([json]));
      expect(json).toEqual(before);
    }
  });
});
