import { expect, it } from 'vitest';
import { compile } from '../../src/core/compiler.ts';
import { nodePortAddresses } from '../../src/host/node-port-addresses.ts';
import { nodeConfig, snapshotOf } from '../support/objects.ts';

it('NodePort addresses are the local ones within the blocks of the plan', () => {
  const plan = compile(snapshotOf({}), nodeConfig(), ['IPv4']).plans.IPv4;
  const [block] = plan?.nodePorts.within ?? [];
  if (plan === undefined || block === undefined) throw new Error('a plan has blocks for NodePorts');
  const narrow = { ...plan, nodePorts: { ...plan.nodePorts, except: block } };
  expect([...nodePortAddresses(plan, ['192.168.0.2', '127.0.0.1'])]).toEqual(['192.168.0.2', '127.0.0.1']);
  expect([...nodePortAddresses(narrow, ['192.168.0.2', '127.0.0.1'])]).toEqual([]);
  expect([...nodePortAddresses(undefined, ['192.168.0.2'])]).toEqual([]);
});
