/** Resolves the destination of a question to address, port and protocol. */
import { familyOf, type IpAddress, type IpFamily, ipFamilies, parseIpAddress } from '../../model/address.ts';
import type { Protocol, Service, ServicePort } from '../../model/objects.ts';
import { namespacedName } from '../../model/objects.ts';
import { findIn, keysIn, valuesIn } from '../../structures/shards.ts';
import type { PacketQuestion, PacketRemark, Unclear } from '../explanation.ts';
import { describePorts } from '../ports.ts';
import { describeAside } from '../reasons/aside.ts';
import { similarNames } from '../similar.ts';
import { servicesAt, type World } from '../world.ts';
import { type Resolved, resolved, unclear } from './resolved.ts';
import { type DestinationWords, readDestination } from './words.ts';

export type Destination =
  | { readonly kind: 'packet'; readonly address: IpAddress; readonly port: number; readonly protocol: Protocol }
  /** The name of a Service without rules by design: there is no packet to trace. */
  | { readonly kind: 'aside'; readonly service: string; readonly remark: PacketRemark };

/** The destination, or why it is unclear. The question's `source` decides the family where names leave that open. */
export function resolveDestination(world: World, question: PacketQuestion): Resolved<Destination> {
  const words = readDestination(question.destination);
  if (words === undefined) return unclear(unreadable(question.destination));
  switch (words.kind) {
    case 'address':
      return atAddress(world, question, words, words.address);
    case 'word':
      return atNode(world, question, words);
    case 'name':
      return atName(world, question, words);
    default:
      return words satisfies never;
  }
}

type Words<K extends DestinationWords['kind']> = Extract<DestinationWords, { kind: K }>;

function atAddress(
  world: World,
  question: PacketQuestion,
  { port }: DestinationWords,
  address: IpAddress,
): Resolved<Destination> {
  const ports = servicesAt(world, address).flatMap(({ ports: all }) => all);
  if (typeof port === 'number') return resolved(packetTo(address, port, protocolOf(question, ports, port)));
  const fitting = ports.filter(({ name, protocol }) => {
    return (port === undefined || name === port) && (question.protocol ?? protocol) === protocol;
  });
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return resolved(packetTo(address, only.port, only.protocol));
  return unclear(portUnclear(`${address}`, port, ports));
}

function atNode(world: World, question: PacketQuestion, words: Words<'word'>): Resolved<Destination> {
  const family = familyWanted(world, question, ipFamilies) ?? 'IPv4';
  const address =
    words.word === 'localhost'
      ? parseIpAddress(family === 'IPv4' ? '127.0.0.1' : '::1')
      : world.host.addresses.find((each) => familyOf(each) === family);
  if (address === undefined) {
    return unclear({
      code: 'node-address-unknown',
      problem: `no ${family} address of this node is known`,
      remedy: 'add the Node object to the input, or pass --node-ip',
    });
  }
  if (typeof words.port !== 'number') {
    return unclear({
      code: 'port-unclear',
      problem: `${words.word} needs a port`,
      remedy: 'add a NodePort number, as in node:30080',
    });
  }
  const { port } = words;
  const protocols = valuesIn(world.snapshot.services)
    .flatMap(({ ports }) => ports)
    .filter(({ nodePort }) => nodePort === port)
    .map(({ protocol }) => protocol);
  return resolved(packetTo(address, port, question.protocol ?? onlyOf(protocols) ?? 'TCP'));
}

function atName(world: World, question: PacketQuestion, words: Words<'name'>): Resolved<Destination> {
  const { snapshot, clusterFacts } = world;
  const service = findIn(snapshot.services, words.name);
  if (service !== undefined) return atService(world, question, service, words.port);
  const facts = clusterFacts.services.get(words.name);
  if (facts?.aside !== undefined) {
    return resolved({ kind: 'aside', service: words.name, remark: describeAside(words.name, facts.aside) });
  }
  const family = familyWanted(world, question, ipFamilies);
  const pod = clusterFacts.pods.get(words.name)?.addresses.find((address) => familyOf(address) === (family ?? 'IPv4'));
  if (pod !== undefined) return atAddress(world, question, words, pod);
  const names = [...keysIn(snapshot.services), ...clusterFacts.services.keys(), ...clusterFacts.pods.keys()];
  const similar = similarNames(words.name, new Set(names));
  return unclear({
    code: facts === undefined ? 'destination-unknown' : 'service-left-out',
    problem:
      facts === undefined ? `Service ${words.name} not found` : `Service ${words.name} is invalid, so it has no rules`,
    remedy:
      facts !== undefined
        ? 'see its diagnostics on standard error, or run rulewright compile'
        : similar.length > 0
          ? `did you mean ${similar.join(', ')}`
          : 'check its namespace and name, and that its objects are in the input',
  });
}

function atService(
  world: World,
  question: PacketQuestion,
  service: Service,
  port: DestinationWords['port'],
): Resolved<Destination> {
  const name = namespacedName(service);
  const families = ipFamilies.filter((family) => service.clusterIps[family] !== undefined);
  const family = familyWanted(world, question, families);
  const address = family === undefined ? undefined : service.clusterIps[family];
  if (address === undefined) {
    return unclear({
      code: 'families-differ',
      problem: `Service ${name} has no ${question.family ?? familyOfSource(world, question) ?? ''} cluster IP`,
      remedy: `ask for ${families.join(' or ')}`,
    });
  }
  if (typeof port === 'number') return resolved(packetTo(address, port, protocolOf(question, service.ports, port)));
  const fitting = service.ports.filter(
    (each) => (port === undefined || each.name === port) && (question.protocol ?? each.protocol) === each.protocol,
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return resolved(packetTo(address, only.port, only.protocol));
  return unclear(portUnclear(`Service ${name}`, port, service.ports));
}

/** The requested family, else the source's, else the first available one; undefined if that one is unavailable. */
function familyWanted(world: World, question: PacketQuestion, families: readonly IpFamily[]): IpFamily | undefined {
  const wanted = question.family ?? familyOfSource(world, question);
  if (wanted === undefined) return families[0];
  return families.includes(wanted) ? wanted : undefined;
}

/** The family of an address. Names and words work in any family. */
function familyOfSource({ clusterFacts }: World, { source }: PacketQuestion): IpFamily | undefined {
  const pod = clusterFacts.pods.get(source)?.addresses ?? [];
  const address = parseIpAddress(source) ?? (pod.length === 1 ? pod[0] : undefined);
  return address === undefined ? undefined : familyOf(address);
}

/** The requested protocol, else the only one at this port, else TCP. */
function protocolOf({ protocol }: PacketQuestion, ports: readonly ServicePort[], port: number): Protocol {
  return protocol ?? onlyOf(ports.filter((each) => each.port === port).map((each) => each.protocol)) ?? 'TCP';
}

function onlyOf<T>(values: readonly T[]): T | undefined {
  const distinct = [...new Set(values)];
  return distinct.length === 1 ? distinct[0] : undefined;
}

function packetTo(address: IpAddress, port: number, protocol: Protocol): Destination {
  return { kind: 'packet', address, port, protocol };
}

function portUnclear(what: string, port: DestinationWords['port'], ports: readonly ServicePort[]): Unclear {
  const list = describePorts(ports);
  if (ports.length === 0) {
    return {
      code: 'port-unclear',
      problem: `${what} needs a port`,
      remedy: 'add a port by its number, as in 10.96.0.10:80',
    };
  }
  const problem = port === undefined ? `${what} has several ports` : `${what} has no port called ${port}`;
  return { code: 'port-unclear', problem, remedy: `add one of its ports: ${list}` };
}

function unreadable(text: string): Unclear {
  return {
    code: 'destination-unreadable',
    problem: `destination ${text} is not an address, a namespace/name, node or localhost`,
    remedy: 'write it like team/api:http, 10.96.0.10:80, [fd00::10]:80 or node:30080',
  };
}
