import { describe, expect, it } from 'vitest';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { ObservedChange, SourceSink } from '../../../src/core/snapshot/source.ts';
import { waitForPodCidrs } from '../../../src/daemon/this-node/wait-for-pod-cidrs.ts';
import { ip } from '../../support/objects.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function sinkForTest() {
  const said: string[] = [];
  const sink: SourceSink = {
    changed: (changes) => said.push(`changed ${changes.length}`),
    diagnosed: (kind, key) => said.push(`diagnosed ${kind} ${key}`),
    synced: (kind) => said.push(`synced ${kind}`),
    progress: ({ severity, message }) => said.push(`${severity}: ${message}`),
  };
  const clock = createVirtualClock();
  const onTimeout = (problem: string) => said.push(`timeout: ${problem}`);
  return { said, clock, ...waitForPodCidrs(sink, { nodeName: 'node-a', clock, onTimeout }) };
}

function nodeObject(name: string, ...podCidrs: readonly string[]): ObservedChange {
  const object = { name, addresses: [ip('192.168.0.2')], podCidrs: podCidrs.map(constantCidr) };
  return { event: { type: 'set', manifest: { kind: 'Node', object } } };
}

const waiting = 'info: waiting until Node node-a has podCIDRs, which detectLocalMode NodeCIDR needs';

describe('a sink that waits for podCIDRs', () => {
  it('passes Nodes on as synced when this one has them', () => {
    const { said, sink } = sinkForTest();
    sink.changed([nodeObject('node-a', '10.244.1.0/24')]);
    sink.synced('Node');
    expect(said).toEqual(['changed 1', 'synced Node']);
  });

  it('says that it waits, and goes on once this Node gets them', () => {
    const { said, sink } = sinkForTest();
    sink.changed([nodeObject('node-a'), nodeObject('node-b', '10.244.2.0/24')]);
    sink.synced('Node');
    sink.changed([nodeObject('node-a')]);
    sink.changed([nodeObject('node-a', '10.244.1.0/24')]);
    sink.changed([nodeObject('node-a', '10.244.9.0/24')]);
    expect(said).toEqual(['changed 2', waiting, 'changed 1', 'changed 1', 'synced Node', 'changed 1']);
  });

  it('waits for five minutes from when the Nodes are known', async () => {
    const { said, sink, clock } = sinkForTest();
    await clock.advance(600_000);
    sink.changed([nodeObject('node-a')]);
    sink.synced('Node');
    await clock.advance(299_999);
    expect(said).toEqual(['changed 1', waiting]);
    await clock.advance(1);
    expect(said[2]).toMatch(/^timeout: Node node-a has no podCIDRs after 5 minutes/);
  });

  it('waits no more once they have come, or it is stopped', async () => {
    for (const end of ['come', 'stop'] as const) {
      const { said, sink, clock, stop } = sinkForTest();
      sink.synced('Node');
      if (end === 'stop') stop();
      else sink.changed([nodeObject('node-a', '10.244.1.0/24')]);
      await clock.advance(600_000);
      expect(said.join()).not.toContain('timeout');
    }
  });

  it('leaves all else as it is', () => {
    const { said, sink } = sinkForTest();
    sink.synced('Service');
    sink.diagnosed('Service', 'shop/web', []);
    sink.progress({ severity: 'debug', message: 'reading' });
    expect(said).toEqual(['synced Service', 'diagnosed Service shop/web', 'debug: reading']);
  });
});
