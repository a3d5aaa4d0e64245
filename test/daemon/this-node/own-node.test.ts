import { describe, expect, it } from 'vitest';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Node } from '../../../src/core/model/objects.ts';
import type { ObservedChange, SourceSink } from '../../../src/core/snapshot/source.ts';
import { followOwnNode } from '../../../src/daemon/this-node/own-node.ts';
import { ip } from '../../support/objects.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function sinkForTest() {
  const said: string[] = [];
  const passed: Node[] = [];
  const clock = createVirtualClock();
  const sink: SourceSink = {
    changed: (changes) => {
      for (const { event } of changes) {
        if (event.type === 'delete') said.push(`deleted ${event.kind} ${event.key}`);
        else if (event.manifest.kind === 'Node') passed.push(event.manifest.object);
      }
    },
    diagnosed: () => undefined,
    synced: (kind) => said.push(`synced ${kind}`),
    progress: ({ severity, message }) => said.push(`${severity}: ${message}`),
  };
  const own = followOwnNode(sink, {
    ...{ nodeName: 'node-a', clock },
    setEligible: (isEligible) => said.push(`eligible ${isEligible}`),
    onFound: ({ name }) => said.push(`found ${name}`),
  });
  return { said, passed, clock, ...own };
}

const node: Node = { name: 'node-a', addresses: [ip('192.168.0.2')], podCidrs: [constantCidr('10.244.1.0/24')] };
const given = (object: Node): readonly ObservedChange[] => [
  { event: { type: 'set', manifest: { kind: 'Node', object } } },
];
const gone = (key: string): readonly ObservedChange[] => [{ event: { type: 'delete', kind: 'Node', key } }];

describe('the Node of this node', () => {
  it('makes it eligible when it is known, until it is about to go', () => {
    const { said, sink, passed } = sinkForTest();
    sink.changed(given(node));
    sink.synced('Node');
    sink.changed(given({ ...node, isLeaving: true }));
    expect(said).toEqual(['eligible true', 'found node-a', 'synced Node', 'eligible false']);
    expect(passed).toEqual([node, { ...node, isLeaving: true }]);
  });

  it('stays known when it is deleted, which is said once each time; others go', () => {
    const { said, sink, passed } = sinkForTest();
    sink.changed(given(node));
    sink.changed([...gone('node-a'), ...gone('node-b')]);
    sink.changed(gone('node-a'));
    expect(said.splice(0)).toEqual([
      'eligible true',
      'found node-a',
      expect.stringMatching(/^warning: Node node-a was deleted: its addresses, zone and podCIDRs stay in use/),
      'deleted Node node-b',
    ]);
    sink.changed(given(node));
    sink.changed(gone('node-a'));
    expect(said.map((line) => line.split(':')[0])).toEqual(['eligible true', 'info', 'warning']);
    expect(passed).toEqual([node, node]);
  });

  it('keeps the addresses and podCIDRs that it had when it comes without any', () => {
    const { sink, passed } = sinkForTest();
    sink.changed(given(node));
    sink.changed(given({ name: 'node-a', addresses: [], podCidrs: [], zone: 'b' }));
    expect(passed[1]).toEqual({ ...node, zone: 'b' });
  });
});

describe('a node without a Node', () => {
  it('is told of at once with the names that there are, and after 30 s counts as one without addresses', async () => {
    const { said, sink, passed, clock } = sinkForTest();
    sink.changed(given({ ...node, name: 'node-b' }));
    sink.synced('Node');
    expect(said.splice(0)).toEqual([
      expect.stringMatching(/^warning: Node node-a not found; there are node-b: .*--hostname-override/),
      'synced Node',
    ]);
    await clock.advance(29_999);
    expect(passed).toHaveLength(1);
    await clock.advance(1);
    expect(passed[1]).toEqual({ name: 'node-a', addresses: [], podCidrs: [] });
    expect(said).toEqual([expect.stringMatching(/^warning: Node node-a is still unknown after 30 s: NodePorts .*/)]);
    sink.changed(given(node));
    expect(passed[2]).toEqual(node);
    expect(said.slice(1)).toEqual(['eligible true', 'found node-a']);
  });

  it('waits for nothing once the Node has come, or it is stopped', async () => {
    for (const end of ['come', 'stop'] as const) {
      const { passed, sink, clock, stop } = sinkForTest();
      if (end === 'stop') stop();
      else sink.changed(given(node));
      await clock.advance(60_000);
      expect(passed).toEqual(end === 'stop' ? [] : [node]);
    }
  });
});
