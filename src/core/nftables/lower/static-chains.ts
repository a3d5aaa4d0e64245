/** The chains that every table has. They go the way that kube-proxy's iptables chains go, hook by hook. */
import type { Plan } from '../../model/plan.ts';
import { hairpinSet, chains as known, sets } from '../names.ts';
import type { Key, NftablesChain, NftablesHook, NftablesMatch, NftablesRule, Statement } from '../ruleset.ts';
import { frontendKey } from './routes.ts';

/** NF_IP_PRI_NAT_DST, NF_IP_PRI_FILTER and NF_IP_PRI_NAT_SRC (include/uapi/linux/netfilter_ipv4.h). */
const priorities = { destinationNat: -100, filter: 0, sourceNat: 100 };

const isNew: NftablesMatch = { kind: 'ctState', state: 'new' };
const addressKey = frontendKey('address');
const portKey = frontendKey('nodePort');

/** All fixed chains of a plan. */
export function staticChains(plan: Plan): readonly NftablesChain[] {
  const bit = bitOf(plan.masqueradeMark);
  return [
    base('nat-prerouting', nat('prerouting'), [rule([], jump(known.services))]),
    base('nat-output', nat('output'), [rule([], jump(known.services))]),
    base('nat-postrouting', { type: 'nat', hook: 'postrouting', priority: priorities.sourceNat }, [
      // The mark is taken off again, so that a packet that comes by once more is not masqueraded twice.
      rule([{ kind: 'markBit', bit }], { kind: 'clearMarkBit', bit }, { kind: 'masquerade' }),
      rule([{ kind: 'destinationRewritten' }], jump(known.hairpin)),
    ]),
    ...filterChains(plan),
    { name: known.services, rules: servicesRules() },
    {
      name: known.toNodePort,
      rules: [rule(nodePortMatches(), { kind: 'verdictMap', key: portKey, map: sets.nodePorts })],
    },
    { name: known.guard, rules: [rule(shutOut, { kind: 'drop' })] },
    { name: known.hairpin, rules: hairpinRules() },
    { name: known.unsent, rules: unsentRules(plan) },
    { name: known.unusedClusterIps, rules: unusedRules() },
    { name: known.refuse, rules: [rule([], { kind: 'reject' })] },
  ];
}

function filterChains({ masqueradeMark }: Plan): readonly NftablesChain[] {
  const bit = bitOf(masqueradeMark);
  const guard = rule([isNew], jump(known.guard));
  const unsent = rule([isNew], jump(known.unsent));
  const unused = rule([isNew], jump(known.unusedClusterIps));
  const healthCheck = rule([{ kind: 'protocols', protocols: ['TCP'] }, inSet(['dport'], sets.healthCheckPorts)], {
    kind: 'accept',
  });
  return [
    base('filter-input', filter('input'), [guard, healthCheck, unsent]),
    base('filter-forward', filter('forward'), [
      guard,
      rule([{ kind: 'markBit', bit }], { kind: 'accept' }),
      unsent,
      unused,
    ]),
    base('filter-output', filter('output'), [guard, unsent, unused]),
  ];
}

/** A source that no range of a guarded address holds. */
const shutOut: readonly NftablesMatch[] = [
  inSet(addressKey, sets.guarded),
  { ...inSet([...addressKey, 'saddr'], sets.allowedSources), negated: true },
];

function servicesRules(): readonly NftablesRule[] {
  return [
    rule(shutOut, { kind: 'goto', chain: known.toNodePort }),
    rule([], { kind: 'verdictMap', key: addressKey, map: sets.services }),
    rule([], jump(known.toNodePort)),
  ];
}

/**
 * An endpoint that was sent to itself by this very frontend. nft 1.0.6 takes the original port only where it knows the
 * protocol, so there are rules for each.
 */
function hairpinRules(): readonly NftablesRule[] {
  const endpoint: Key = ['saddr', 'daddr', 'dport'];
  const frontend: Key = ['originalDaddr', 'l4proto', 'originalDport'];
  return (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) => {
    const isProtocol: NftablesMatch = { kind: 'protocols', protocols: [protocol] };
    const isHairpin = inSet([...endpoint, 'originalDaddr', 'originalDport'], hairpinSet('address', protocol));
    const isOfNodePort = inSet([...endpoint, 'originalDport'], hairpinSet('nodePort', protocol));
    const isNoAddress = [sets.frontends, sets.unchangedFrontends].map((set): NftablesMatch => {
      return { ...inSet(frontend, set), negated: true };
    });
    return [
      rule([isProtocol, isHairpin], { kind: 'masquerade' }),
      rule([isProtocol, isOfNodePort, ...isNoAddress], { kind: 'masquerade' }),
    ];
  });
}

/** What comes by with the destination it had: refused where there is no endpoint, dropped where it should have one. */
function unsentRules({ nodePorts }: Plan): readonly NftablesRule[] {
  const refusedPorts = nodePorts.refusesEverywhere ? [toThisNode] : nodePortMatches();
  const isUnsent: NftablesMatch = { kind: 'destinationRewritten', negated: true };
  const isNoEndpoint: NftablesMatch = { ...inSet(addressKey, sets.unchangedFrontends), negated: true };
  return [
    rule([], { kind: 'verdictMap', key: addressKey, map: sets.refusals }),
    rule(refusedPorts, { kind: 'verdictMap', key: portKey, map: sets.nodePortRefusals }),
    rule([isUnsent, inSet(addressKey, sets.frontends)], { kind: 'drop' }),
    rule([isUnsent, isNoEndpoint, ...nodePortMatches(), inSet(portKey, sets.nodePortFrontends)], { kind: 'drop' }),
  ];
}

function unusedRules(): readonly NftablesRule[] {
  return [
    rule([inSet(['daddr'], sets.clusterIps)], { kind: 'goto', chain: known.refuse }),
    rule([inSet(['daddr'], sets.serviceCidrs)], { kind: 'drop' }),
  ];
}

const toThisNode: NftablesMatch = { kind: 'local', field: 'daddr' };

function nodePortMatches(): readonly NftablesMatch[] {
  return [
    toThisNode,
    inSet(['daddr'], sets.nodePortAddresses),
    { ...inSet(['daddr'], sets.nodePortExceptions), negated: true },
  ];
}

/** The number of the only bit that is set. */
export function bitOf(mark: number): number {
  return 31 - Math.clz32(mark);
}

function inSet(key: Key, set: string): Extract<NftablesMatch, { kind: 'in' }> {
  return { kind: 'in', key, set };
}

function rule(matches: readonly NftablesMatch[], ...statements: readonly Statement[]): NftablesRule {
  return { matches, statements };
}

function jump(chain: string): Statement {
  return { kind: 'jump', chain };
}

function base(name: string, hook: NftablesHook, rules: readonly NftablesRule[]): NftablesChain {
  return { name, hook, rules };
}

function nat(hook: 'prerouting' | 'output'): NftablesHook {
  return { type: 'nat', hook, priority: priorities.destinationNat };
}

function filter(hook: 'input' | 'forward' | 'output'): NftablesHook {
  return { type: 'filter', hook, priority: priorities.filter };
}
