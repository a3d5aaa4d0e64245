import { expect, it } from 'vitest';
import type { NetlinkChange } from '../../../src/host/netlink/decoder.ts';
import { createSuspects, type SuspectNames, type Suspects } from '../../../src/host/netlink/suspects.ts';

const change = (name: string): NetlinkChange => ({
  verb: 'delete',
  object: 'chain',
  family: 'IPv4',
  table: 'nat',
  name,
});

const chains = (): Suspects => createSuspects(({ name }) => (name === 'nobody' ? undefined : name));

const taken = (suspects: Suspects): Promise<SuspectNames> => suspects.lookAt((names) => Promise.resolve(names));

it('are looked at once, each by its name', async () => {
  const suspects = chains();
  suspects.add([change('a'), change('nobody'), change('b')]);
  suspects.add([change('a')]);
  expect(await taken(suspects)).toEqual(new Set(['a', 'b']));
  expect(await taken(suspects)).toEqual(new Set());
});

it('are all there are when something may have been missed', async () => {
  const suspects = chains();
  suspects.add([change('a')]);
  suspects.addAll();
  suspects.add([change('b')]);
  expect(await taken(suspects)).toBe('all');
  suspects.add([change('all')]);
  expect(await taken(suspects)).toBe('all');
  expect(await taken(suspects)).toEqual(new Set());
});

it.each(['names', 'all'] as const)('that come during a look at %s are for the next one', async (first) => {
  const suspects = chains();
  if (first === 'all') suspects.addAll();
  else suspects.add([change('a')]);
  await suspects.lookAt(() => Promise.resolve(suspects.add([change('b')])));
  expect(await taken(suspects)).toEqual(new Set(['b']));
});

it('are suspects still after a look that failed', async () => {
  const suspects = chains();
  suspects.add([change('a')]);
  const fail = suspects.lookAt(() => {
    suspects.add([change('b')]);
    return Promise.reject(new Error('no answer'));
  });
  await expect(fail).rejects.toThrow('no answer');
  expect(await taken(suspects)).toEqual(new Set(['a', 'b']));
  suspects.addAll();
  await expect(suspects.lookAt(() => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
  expect(await taken(suspects)).toBe('all');
});
