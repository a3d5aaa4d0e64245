import { describe, expect, it } from 'vitest';
import { type CompileSettings, readCompileFlags } from '../../../src/cli/flags/settings.ts';
import type { GivenFlags } from '../../../src/cli/flags/table.ts';
import { findThisNode } from '../../../src/cli/inputs/this-node.ts';
import { loadObjects } from '../../../src/files/load-objects.ts';
import { node, shop } from '../manifests.ts';

const machine = 'Laptop.Local ';

async function find(text: string, given: GivenFlags = {}) {
  const { manifests } = await loadObjects([{ name: 'x.yaml', index: 0, text }]);
  const found = findThisNode(settingsOf(given), manifests, machine);
  return { ...found, codes: found.diagnostics.map(({ code, severity }) => `${severity} ${code}`) };
}

function settingsOf(given: GivenFlags): CompileSettings {
  const result = readCompileFlags({ filename: ['x.yaml'], ...given });
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.settings;
}

const nodes = `${node('node-1', '192.168.0.1')}---\n${node('node-2', '192.168.0.2')}`;
const localPolicy = shop.replace('spec:\n', 'spec:\n  internalTrafficPolicy: Local\n');

describe('the name', () => {
  it('is the only Node’s', async () => {
    const { config, codes } = await find(node('node-1', '192.168.0.1'));
    expect([config.nodeName, codes]).toEqual(['node-1', ['info node-taken']]);
  });

  it('is the one given, found among several', async () => {
    const { config, node: found, codes } = await find(nodes, { hostnameOverride: 'Node-2' });
    expect([config.nodeName, found?.addresses, codes]).toEqual(['node-2', ['192.168.0.2'], []]);
  });

  it('is the one given, even beside one other Node', async () => {
    const { config, codes } = await find(node('node-1', '192.168.0.1'), { hostnameOverride: 'node-9' });
    expect([config.nodeName, codes]).toEqual(['node-9', ['warning node-not-found']]);
  });

  it("is the machine's in lower case where nothing else says it", async () => {
    expect((await find(shop)).config.nodeName).toBe('laptop.local');
    expect((await find(nodes)).config.nodeName).toBe('laptop.local');
  });
});

describe('what is not known', () => {
  it.each<[string, string, GivenFlags, readonly string[]]>([
    ['is a remark for Services that any node treats alike', shop, {}, ['info node-unknown']],
    ['is a warning where only local endpoints may be reached', localPolicy, {}, ['warning node-guessed']],
    ['is a remark where at least the name is given', localPolicy, { hostnameOverride: 'n' }, ['info node-unknown']],
    ['is a warning where there are Nodes, but not this one', nodes, {}, ['warning node-not-found']],
    ['is nothing where flags describe the node', shop, { hostnameOverride: 'n', nodeIp: ['10.0.0.1'] }, []],
  ])('%s', async (_, text, given, codes) => {
    expect((await find(text, given)).codes).toEqual(codes);
  });
});

describe('--node-ip and --zone', () => {
  const given = { nodeIp: ['10.0.0.1', '10.0.0.2'], zone: 'north' };

  it('make a node where there is none', async () => {
    const { node: made, config } = await find(shop, { ...given, hostnameOverride: 'node-1' });
    const addresses = ['10.0.0.1', '10.0.0.2'];
    expect(made).toEqual({ name: 'node-1', addresses, podCidrs: [], zone: 'north' });
    expect(config.fallbackNodeIps).toEqual(addresses);
  });

  it('go before what the object says', async () => {
    const labelled = node('node-1', '192.168.0.1').replace(
      'metadata:\n',
      'metadata:\n  labels: { topology.kubernetes.io/zone: south }\n',
    );
    expect((await find(labelled)).node).toMatchObject({ addresses: ['192.168.0.1'], zone: 'south' });
    expect((await find(labelled, given)).node).toMatchObject({ addresses: ['10.0.0.1', '10.0.0.2'], zone: 'north' });
    expect((await find(labelled, { zone: 'east' })).node).toMatchObject({ addresses: ['192.168.0.1'], zone: 'east' });
  });

  it('are not needed', async () => {
    expect((await find(shop)).node).toBeUndefined();
  });
});
