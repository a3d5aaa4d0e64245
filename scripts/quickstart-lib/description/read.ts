/** Reads examples/shop-traffic.yaml. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isIpv6, type Network, type NodeSpec, type PodSpec } from '../../lab/network/network.ts';
import { asFields, count, DescriptionError, entriesOf, type Fields, numbers, records, text, texts } from './fields.ts';
import type { Call, CallTarget, Change, Expectation, Mode, SeenAs, SeenBy, Share, Traffic } from './traffic.ts';

/** What the rest of the file is read against. */
interface Scope {
  readonly network: Network;
  readonly mode: Mode;
}

/** Reads the description; calls that it limits to other modes are left out, and so is who has none left. */
export function readTraffic(path: string, mode: Mode): Traffic {
  const root = asFields(parse(readFileSync(path, 'utf8')), path);
  const network = readNetwork(asFields(root['network'], 'network'));
  const scope = { network, mode };
  const services = entriesOf(root['services'], 'services')
    .map(([service, fields]) => ({
      service,
      shows: text(fields, 'shows'),
      calls: readCalls(fields, service, scope),
    }))
    .filter(({ calls }) => calls.length > 0);
  const change = readChange(asFields(root['change'], 'change'), scope);
  return { network, services, unmentioned: texts(root, 'unmentioned'), change };
}

function readNetwork(fields: Fields): Network {
  const nodes = entriesOf(fields['nodes'], 'nodes').map(([name, node]) => readNode(name, node));
  const node = nodes.find((candidate) => candidate.name === fields['node']);
  if (node === undefined) throw new DescriptionError(`there is no node ${String(fields['node'])}`);
  const outside = asFields(fields['outside'], 'outside');
  return {
    node,
    otherNodes: nodes.filter((candidate) => candidate !== node),
    clusterCidrs: texts(fields, 'cluster'),
    outsideAddresses: texts(outside, 'addresses'),
    routedToNode: texts(outside, 'routed-to-node'),
    pods: entriesOf(fields['pods'], 'pods').map(([name, pod]) => readPod(name, pod)),
  };
}

function readNode(name: string, fields: Fields): NodeSpec {
  const podCidrs = texts(fields, 'pods');
  return { name, addresses: texts(fields, 'addresses'), podCidrs, gateways: texts(fields, 'gateway') };
}

function readPod(name: string, fields: Fields): PodSpec {
  return {
    name,
    node: text(fields, 'node'),
    addresses: texts(fields, 'addresses'),
    ports: (['http', 'dns'] as const).flatMap((protocol) =>
      numbers(fields, protocol).map((port) => ({ protocol, port })),
    ),
  };
}

function readChange(fields: Fields, scope: Scope): Change {
  const replaces = text(fields, 'replaces');
  const kept = asFields(fields['kept'], 'kept');
  return {
    shows: text(fields, 'shows'),
    replaces,
    leaves: text(fields, 'leaves'),
    kept: { ...readCaller(kept, scope.network), connections: count(kept, 'connections') },
    calls: readCalls(fields, replaces.replace(/\.yaml$/, ''), scope),
  };
}

function readCalls(fields: Fields, service: string, scope: Scope): Call[] {
  return records(fields, 'calls')
    .filter((call) => call['modes'] === undefined || texts(call, 'modes').includes(scope.mode))
    .map((call) => ({
      service,
      ...readCaller(call, scope.network),
      connections: count(call, 'connections'),
      expect: readExpectation(call, scope.network),
      note: call['note'] === undefined ? undefined : text(call, 'note'),
    }));
}

function readCaller(fields: Fields, network: Network): Pick<Call, 'from' | 'sources' | 'to'> {
  const from = text(fields, 'from');
  const to = readTarget(text(fields, 'to'));
  if (from === network.node.name) return { from, sources: [], to };
  if (from === 'outside') return { from, sources: texts(fields, 'as'), to };
  const pod = network.pods.find((candidate) => candidate.name === from);
  if (pod === undefined) throw new DescriptionError(`unknown caller ${from}`);
  const sources = pod.addresses.filter((address) => isIpv6(address) === isIpv6(to.address));
  return { from, sources, to };
}

function readTarget(written: string): CallTarget {
  const match = /^(udp )?\[?([0-9a-f.:]+?)\]?:(\d+)$/.exec(written);
  if (match === null) throw new DescriptionError(`not a target: ${written}`);
  const [, udp, address = '', port] = match;
  return { protocol: udp === undefined ? 'http' : 'dns', address, port: Number(port), text: written };
}

function readExpectation(fields: Fields, network: Network): Expectation {
  const how = fields['fails'];
  if (how === 'refused' || how === 'dropped') return { kind: 'fails', how };
  if (fields['sticks'] !== undefined) {
    const pods = texts(fields, 'sticks');
    return { kind: 'sticks', pods, seenAs: readSeenBy(fields, pods, network) };
  }
  const answers = Object.entries(asFields(fields['answers'], 'answers'));
  const shares = new Map(answers.map(([pod, share]) => [pod, readShare(String(share))]));
  return { kind: 'answers', shares, seenAs: readSeenBy(fields, [...shares.keys()], network) };
}

function readShare(written: string): Share {
  const [numerator = 1, denominator = 1] = written.split('/').map(Number);
  return { text: written, value: numerator / denominator };
}

function readSeenBy(fields: Fields, pods: readonly string[], network: Network): SeenBy {
  const seenAs = fields['seen-as'];
  return new Map(
    pods.map((pod) => {
      if (!network.pods.some(({ name }) => name === pod)) throw new DescriptionError(`there is no pod ${pod}`);
      return [pod, readSeenAs(typeof seenAs === 'string' ? seenAs : asFields(seenAs, 'seen-as')[pod])];
    }),
  );
}

function readSeenAs(value: unknown): SeenAs {
  if (value === 'caller' || value === 'node') return value;
  throw new DescriptionError(`seen-as is neither caller nor node: ${String(value)}`);
}
