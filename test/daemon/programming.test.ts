import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, createCompiler } from '../../src/core/compiler.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../src/core/snapshot/snapshot.ts';
import { keysIn } from '../../src/core/structures/shards.ts';
import { attempt, nothingProgrammed } from '../../src/daemon/programming.ts';
import { arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { nodeConfig, service, snapshotOf } from '../support/objects.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { createFakeKernel, isSame } from './support/fake-kernel.ts';

function attempts(mode: 'iptables' | 'nftables') {
  const clock = createVirtualClock();
  const kernel = createFakeKernel(mode, 'IPv4', clock);
  const programmed = nothingProgrammed(kernel);
  const config = nodeConfig({ mode });
  let isStopping = false;
  const timings = { compileMs: 0, diffMs: 0, applyMs: 0, lockWaitMs: 0, readMs: 0, lookMs: 0 };
  const lost: string[] = [];
  const compiler = createCompiler(config, kernel.family);
  const options = { compiler, clock, timings, lost, isStopping: () => isStopping };
  const tryOnce = async (snapshot = snapshotOf({ services: [service('web')] })) => {
    const trying = attempt(programmed, snapshot, options);
    await clock.advance(10_000);
    return trying;
  };
  const stop = (): void => {
    isStopping = true;
  };
  return { kernel, programmed, config, timings, lost, tryOnce, stop };
}

const modes = [['iptables'], ['nftables']] as const;

describe('an attempt', () => {
  it.each(modes)('sends, in %s mode, what is missing, and nothing where nothing is', async (mode) => {
    const { kernel, programmed, timings, tryOnce } = attempts(mode);
    expect((await tryOnce()).kind).toBe('done');
    expect(kernel.applied).toHaveLength(1);
    expect(programmed.rules).toBe(programmed.base?.rules);
    expect(timings).toMatchObject({ readMs: 5, applyMs: 15, lockWaitMs: 0 });
    expect(await tryOnce()).toMatchObject({ kind: 'done', change: { text: '' } });
    expect(kernel.applied).toHaveLength(1);
    expect(timings.readMs).toBe(5);
  });

  it.each([
    // Nothing was changed for want of the lock, nor where nft refuses a text.
    ['iptables', 'lock', true],
    ['nftables', 'refused', true],
    ['nftables', 'base', false],
    ['nftables', 'tool', false],
    ['iptables', 'refused', false],
    ['iptables', 'tool', false],
  ] as const)('that failed, in %s mode with %s, leaves it known what stands: %s', async (mode, reason, isKnown) => {
    const { kernel, programmed, tryOnce } = attempts(mode);
    await tryOnce();
    const before = programmed.base;
    kernel.apply = () => Promise.resolve({ kind: 'failed', reason, detail: 'no', lockWaitMs: 0 });
    const failed = await tryOnce(snapshotOf({ services: [service('web'), service('api', { clusterIps: {} })] }));
    expect(failed.kind).toBe('done');
    const changed = snapshotOf({
      services: [service('web', { ports: [{ name: 'http', protocol: 'TCP', port: 81 }] })],
    });
    expect(await tryOnce(changed)).toEqual({ kind: 'failed', reason, problem: 'no', wasFresh: false });
    expect(programmed.base?.rules !== undefined).toBe(isKnown);
    if (isKnown) expect(isSame(programmed.base?.rules, before?.rules ?? failUnknown())).toBe(true);
    expect(programmed.snapshot).not.toBe(changed);
  });

  it('replaces rules that it cannot read in nftables mode, and says so', async () => {
    const { kernel, lost, tryOnce } = attempts('nftables');
    await tryOnce();
    const second = attempts('nftables');
    second.kernel.content = kernel.content;
    second.kernel.isUnreadable = true;
    expect((await second.tryOnce()).kind).toBe('done');
    expect(second.kernel.applied).toHaveLength(1);
    expect([lost, second.lost]).toEqual([
      [],
      ['the rules in the kernel could not be read, so all of them were replaced: cannot be read'],
    ]);
  });

  it('leaves alone what it cannot read in iptables mode', async () => {
    const { kernel, tryOnce } = attempts('iptables');
    kernel.isUnreadable = true;
    expect(await tryOnce()).toEqual({
      kind: 'failed',
      reason: 'unreadable',
      problem: 'cannot be read',
      wasFresh: true,
    });
    expect(kernel.applied).toEqual([]);
  });

  it('sends nothing any more when it is told to stop', async () => {
    const { kernel, tryOnce, stop } = attempts('nftables');
    stop();
    expect(await tryOnce()).toMatchObject({ kind: 'failed', reason: 'ended', problem: 'the daemon is stopping' });
    expect(kernel.applied).toEqual([]);
  });
});

describe('what stands', () => {
  it.each(modes)('is in %s mode the same whatever the batches were in which events came', async (mode) => {
    const batches = fc.array(fc.tuple(arbitraryObjects, fc.nat(2)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (list) => {
        const { kernel, config, tryOnce } = attempts(mode);
        let snapshot = emptySnapshot;
        for (const [manifests, gone] of list) {
          const deleted = keysIn(snapshot.services).slice(0, gone);
          const events: SnapshotEvent[] = [
            ...manifests.map((manifest) => ({ type: 'set', manifest }) as const),
            ...deleted.map((key) => ({ type: 'delete', kind: 'Service', key }) as const),
          ];
          snapshot = reduce(snapshot, events);
          expect((await tryOnce(snapshot)).kind).toBe('done');
        }
        const { IPv4: fromScratch = failUnknown() } = compile(snapshot, config, ['IPv4']).rules;
        expect(isSame(kernel.content, fromScratch)).toBe(true);
      }),
      { seed: 20261126, numRuns: 30 },
    );
  });
});

function failUnknown(): never {
  throw new Error('nothing stands');
}
