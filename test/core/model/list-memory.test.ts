import { describe, expect, it } from 'vitest';
import { emptyListMemory, mapChanged } from '../../../src/core/model/list-memory.ts';

describe('mapChanged', () => {
  it('makes only what is new', () => {
    const memory = emptyListMemory<object, object>();
    const [a, b, c] = [{}, {}, {}];
    const first = mapChanged(memory, [a, c], (input) => ({ input }));
    const second = mapChanged(memory, [a, b, c], (input) => ({ input }));
    expect(second).toEqual([{ input: a }, { input: b }, { input: c }]);
    expect([second[0], second[2]].every((output, i) => output === first[i])).toBe(true);
    expect(mapChanged(memory, [a, b, c], () => expect.unreachable())).toBe(second);
  });

  it('does not take old outputs for those of inputs that failed', () => {
    const memory = emptyListMemory<string, string>();
    mapChanged(memory, ['a'], (input) => input);
    const fail = () =>
      mapChanged(memory, ['b'], () => {
        throw new Error('a bug');
      });
    expect(fail).toThrow('a bug');
    expect(mapChanged(memory, ['b'], (input) => input)).toEqual(['b']);
  });
});
