/** The chains that every node has, in the order that kube-proxy gives them, around the rules of the Services. */
import { isWholeFamily, loopbackBlocks } from '../../model/cidr.ts';
import type { Plan } from '../../model/plan.ts';
import { calledChain } from '../chain-owners.ts';
import { proxyJumps } from '../jumps.ts';
import { chains as known, nfacctObjects } from '../names.ts';
import type { CtState, IptablesChain, IptablesMatch, IptablesRule } from '../ruleset.ts';

export interface NatParts {
  /** The dispatch over cluster IPs and external addresses. */
  readonly services: readonly IptablesRule[];
  readonly nodePorts: readonly IptablesRule[];
}

export interface FilterParts {
  readonly services: readonly IptablesRule[];
  readonly externalServices: readonly IptablesRule[];
  readonly firewall: readonly IptablesRule[];
}

/** The fixed chains of the nat table. */
export function natChains(plan: Plan, { services, nodePorts }: NatParts): readonly IptablesChain[] {
  const jumps = proxyJumps.nat;
  const mark = plan.masqueradeMark;
  return [
    { name: 'PREROUTING', rules: jumps.PREROUTING },
    { name: 'INPUT', rules: [] },
    { name: 'OUTPUT', rules: jumps.OUTPUT },
    { name: 'POSTROUTING', rules: jumps.POSTROUTING },
    { name: known.services, rules: [...services, ...nodePortJumps(plan)] },
    ...(plan.nodePorts.within.length > 0 ? [{ name: known.nodePorts, rules: nodePorts }] : []),
    { name: known.postrouting, rules: postroutingRules(mark) },
    { name: known.markMasquerade, rules: [{ match: {}, target: { kind: 'mark', mark, mask: mark } }] },
    { name: known.marker, rules: [] },
  ];
}

/** The fixed chains of the filter table. */
export function filterChains(plan: Plan, parts: FilterParts): readonly IptablesChain[] {
  const jumps = (chain: keyof typeof proxyJumps.filter): readonly IptablesRule[] =>
    proxyJumps.filter[chain].filter((rule) => plan.protectLoopback || calledChain(rule) !== known.firewall);
  return [
    { name: 'INPUT', rules: jumps('INPUT') },
    { name: 'FORWARD', rules: jumps('FORWARD') },
    { name: 'OUTPUT', rules: jumps('OUTPUT') },
    { name: known.services, rules: [...parts.services, ownExternalPackets] },
    { name: known.externalServices, rules: parts.externalServices },
    { name: known.nodePorts, rules: healthCheckRules(plan) },
    { name: known.forward, rules: forwardRules(plan) },
    { name: known.proxyFirewall, rules: parts.firewall },
    ...(plan.protectLoopback ? [{ name: known.firewall, rules: loopbackRules() }] : []),
  ];
}

/**
 * Last in filter KUBE-SERVICES, which OUTPUT calls: the node's own packets to external addresses without endpoints are
 * refused. kube-proxy lets them leave the node. The jump is not in OUTPUT: kube-proxy's clean-up would not remove it,
 * and then could not delete KUBE-EXTERNAL-SERVICES. Forwarded packets pass that chain twice: kube-proxy has a
 * jump from FORWARD to it as well.
 */
const ownExternalPackets: IptablesRule = { match: {}, target: { kind: 'jump', chain: known.externalServices } };

/** Last in nat KUBE-SERVICES: addresses that are a frontend of their own come first. */
function nodePortJumps({ nodePorts: { within, except } }: Plan): readonly IptablesRule[] {
  const comment = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain';
  const toNodePorts = (match: IptablesMatch): IptablesRule => ({
    match: { ...match, destinationType: { value: 'LOCAL' } },
    target: { kind: 'jump', chain: known.nodePorts },
    comment,
  });
  if (within.some(isWholeFamily)) {
    return [toNodePorts(except === undefined ? {} : { destination: { value: except, negated: true } })];
  }
  const skipped: readonly IptablesRule[] =
    except === undefined ? [] : [{ match: { destination: { value: except } }, target: { kind: 'return' } }];
  return [...skipped, ...within.map((block) => toNodePorts({ destination: { value: block } }))];
}

/** The mark is taken off again, so that a packet that comes by once more is not masqueraded twice. */
function postroutingRules(mark: number): readonly IptablesRule[] {
  return [
    { match: { mark: { value: { mark, mask: mark }, negated: true } }, target: { kind: 'return' } },
    { match: {}, target: { kind: 'mark', mark, mask: 0 } },
    {
      match: {},
      target: { kind: 'masquerade', randomFully: true },
      comment: 'kubernetes service traffic requiring SNAT',
    },
  ];
}

function healthCheckRules(plan: Plan): readonly IptablesRule[] {
  return plan.healthChecks.map(({ namespace, name, port }) => ({
    match: { protocol: 'TCP', destinationPort: { from: port, to: port } },
    target: { kind: 'accept' },
    comment: `${namespace}/${name} health check node port`,
  }));
}

/**
 * Packets that conntrack takes for invalid would reach the client un-NATed and make it reset its connection
 * (kubernetes/kubernetes#74839).
 */
function forwardRules({ dropInvalid, acceptEstablished, nfacct, masqueradeMark: mark }: Plan): readonly IptablesRule[] {
  const counted = nfacct ? { nfacct: nfacctObjects.invalidDropped } : {};
  const invalid: IptablesRule = { match: { ...ctState('INVALID'), ...counted }, target: { kind: 'drop' } };
  const established: IptablesRule = {
    match: ctState('RELATED', 'ESTABLISHED'),
    target: { kind: 'accept' },
    comment: 'kubernetes forwarding conntrack rule',
  };
  return [
    ...(dropInvalid ? [invalid] : []),
    {
      match: { mark: { value: { mark, mask: mark } } },
      target: { kind: 'accept' },
      comment: 'kubernetes forwarding rules',
    },
    ...(acceptEstablished ? [established] : []),
  ];
}

/** route_localnet, which localhost NodePorts need, would let neighbours reach 127.0.0.1 (CVE-2020-8558). */
function loopbackRules(): readonly IptablesRule[] {
  const value = loopbackBlocks.IPv4;
  return [
    {
      match: {
        source: { value, negated: true },
        destination: { value },
        ctStates: { value: ['RELATED', 'ESTABLISHED', 'DNAT'], negated: true },
      },
      target: { kind: 'drop' },
      comment: 'block incoming localnet connections',
    },
  ];
}

function ctState(...value: readonly CtState[]): IptablesMatch {
  return { ctStates: { value } };
}
