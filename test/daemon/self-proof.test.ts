import { describe, expect, it } from 'vitest';
import type { Rules } from '../../src/core/rules.ts';
import { createDebugPages } from '../../src/daemon/debug-pages.ts';
import { createInbox } from '../../src/daemon/inbox.ts';
import { createLoop, type SyncLoop } from '../../src/daemon/loop.ts';
import { createSelfProof, type FamilyProof, proveEvery, type SelfProof } from '../../src/daemon/self-proof.ts';
import { endpoint, ip, nodeConfig, service, slice } from '../support/objects.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { createFakeKernel, type FakeKernel } from './support/fake-kernel.ts';

const config = nodeConfig({ mode: 'nftables' });

interface Stage {
  readonly kernel: FakeKernel;
  readonly clock: VirtualClock;
  readonly loop: SyncLoop;
  readonly told: FamilyProof[];
  readonly selfProof: SelfProof;
}

async function startStage(): Promise<Stage> {
  const clock = createVirtualClock();
  const kernel = createFakeKernel('nftables', 'IPv4', clock);
  const inbox = createInbox({ clock, onProgress: () => undefined });
  const loop = createLoop({
    ...{ config, clock, inbox, kernels: [kernel], kinds: ['Service'], syncPeriodMs: 30_000, minSyncPeriodMs: 0 },
    onTurn: () => undefined,
    onProgress: () => undefined,
  });
  const endpoints = [endpoint('10.244.1.1'), endpoint('10.244.1.2')];
  inbox.sink.changed([
    { event: { type: 'set', manifest: { kind: 'Service', object: service('web') } } },
    { event: { type: 'set', manifest: { kind: 'EndpointSlice', object: slice('web', endpoints) } } },
  ]);
  inbox.sink.synced('Service');
  void loop.run();
  await clock.advance(1000);
  const told: FamilyProof[] = [];
  const localAddresses = () => [ip('192.168.0.2')];
  const selfProof = createSelfProof({ standing: loop.standing, localAddresses, onProof: (proof) => told.push(proof) });
  return { kernel, clock, loop, told, selfProof };
}

/** Proves, while virtual time passes for the kernel. */
async function proven({ selfProof, clock }: Stage): Promise<readonly FamilyProof[]> {
  const proving = selfProof.prove();
  await clock.advance(100);
  return proving;
}

/** Nobody is told of it, so that nothing repairs it. */
function lose(kernel: FakeKernel, set: string): void {
  const content = kernel.content as Extract<Rules, { mode: 'nftables' }>;
  const sets = content.ruleset.sets.map((each) => (each.name === set ? { ...each, groups: [] } : each));
  kernel.content = { ...content, ruleset: { ...content.ruleset, sets } };
}

describe('the daemon about its own rules', () => {
  it('proves what stands, not what it believes to stand', async () => {
    const stage = await startStage();
    const [proof] = await proven(stage);
    expect(proof).toMatchObject({ kind: 'told', family: 'IPv4', verdict: { outcome: 'proven' } });
    lose(stage.kernel, 'tcp-endpoints');
    const [next] = await proven(stage);
    expect(next).toMatchObject({ kind: 'told', verdict: { outcome: 'different' } });
    expect(stage.told).toEqual([proof, next]);
  });

  it('says what keeps it from telling', async () => {
    const stage = await startStage();
    stage.kernel.isUnreadable = true;
    expect(await proven(stage)).toEqual([{ kind: 'untold', family: 'IPv4', problem: 'cannot be read' }]);
    stage.kernel.content = undefined;
    expect(await proven(stage)).toEqual([
      { kind: 'untold', family: 'IPv4', problem: 'there are no rulewright rules in the kernel' },
    ]);
  });

  it('proves once for all who ask at the same time', async () => {
    const stage = await startStage();
    const proving = [stage.selfProof.prove(), stage.selfProof.prove()];
    await stage.clock.advance(100);
    const [first, second] = await Promise.all(proving);
    expect(first).toBe(second);
    expect(stage.told).toHaveLength(1);
  });

  it('proves again and again, until it is told to end', async () => {
    const ending = new AbortController();
    let proofs = 0;
    await new Promise<void>((resolve) => {
      const prove = () => {
        proofs += 1;
        if (proofs === 3) resolve();
        return Promise.resolve([]);
      };
      proveEvery(1, { prove }, ending.signal);
    });
    ending.abort();
    const after = proofs;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(proofs).toBe(after);
  });
});

describe('debug pages', () => {
  async function ask(path: string, query: string) {
    const stage = await startStage();
    const localAddresses = () => [ip('192.168.0.2')];
    const { loop, selfProof } = stage;
    const pages = createDebugPages({ config, standing: loop.standing, localAddresses, selfProof });
    const page = pages.find((each) => each.path === path) ?? expect.fail(`no page ${path}`);
    const request = {
      ...({ path, method: 'GET', accept: '', host: '', isLoopback: true, body: '' } as const),
      ...{ query: new URLSearchParams(query), signal: new AbortController().signal },
    };
    const answering = page.handler(request);
    await stage.clock.advance(100);
    const { status, body } = await answering;
    return { status, answer: JSON.parse(String(body)) };
  }

  it('explain what becomes of a packet, by the rules that stand', async () => {
    const { status, answer } = await ask('/debug/explain', 'src=outside&dst=shop/web:http');
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      kind: 'explained',
      explanation: { packet: { destination: '10.96.0.1', port: 80 } },
    });
  });

  it('say what is unclear about a question', async () => {
    expect(await ask('/debug/explain', 'src=outside')).toMatchObject({ status: 400, answer: { kind: 'unclear' } });
  });

  it('prove the rules', async () => {
    const { answer } = await ask('/debug/verify', '');
    expect(answer).toMatchObject({ proven: true, families: [{ family: 'IPv4', outcome: 'proven', differences: [] }] });
    expect(answer.families[0].classes).toBeGreaterThan(5);
  });
});
