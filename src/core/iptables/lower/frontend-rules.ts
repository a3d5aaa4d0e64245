/** The rules that recognise the frontends of one service port, in each of the chains that packets enter. */
import type { IpAddress, IpFamily } from '../../model/address.ts';
import { hostCidr, loopbackBlocks } from '../../model/cidr.ts';
import type { ServicePortPlan } from '../../model/plan.ts';
import { lastRefusal, poolsOf, type RefusalKind } from '../../model/route.ts';
import { nfacctObjects, servicePortChains } from '../names.ts';
import type { IptablesMatch, IptablesRule, IptablesTarget } from '../ruleset.ts';
import type { KeyedRule } from './dispatch.ts';
import { addressDigits, protocolPortDigits } from './key-spaces.ts';
import { isGuarded, poolChain, usesExternalChain } from './service-chains.ts';

/** Rules of one service port for the shared chains; `nat` and `filter` have one KUBE-SERVICES chain each. */
export interface FrontendRules {
  /** nat KUBE-SERVICES: what is sent to an endpoint. */
  readonly nat: readonly KeyedRule[];
  /** nat KUBE-NODEPORTS. */
  readonly natNodePorts: readonly KeyedRule[];
  /** filter KUBE-SERVICES: cluster IPs that refuse or drop. */
  readonly refuseInternal: readonly KeyedRule[];
  /** filter KUBE-EXTERNAL-SERVICES: external addresses, and after them NodePorts, that refuse or drop. */
  readonly refuseExternal: readonly KeyedRule[];
  readonly refuseNodePorts: readonly KeyedRule[];
  /** filter KUBE-PROXY-FIREWALL: guarded addresses, for what the guard did not let in. */
  readonly firewall: readonly KeyedRule[];
}

/**
 * The rules by which packets find this service port. They do not depend on which endpoints there are, only on whether.
 */
export function frontendRules(plan: ServicePortPlan, family: IpFamily, countsLoopback: boolean): FrontendRules {
  return {
    nat: natRules(plan, family),
    natNodePorts: usesExternalChain(plan) ? natNodePorts(plan, countsLoopback) : [],
    refuseInternal: internalRefusals(plan, family),
    refuseExternal: externalRefusals(plan, family),
    refuseNodePorts: nodePortRefusals(plan, family),
    firewall: firewallRules(plan, family),
  };
}

function natRules(plan: ServicePortPlan, family: IpFamily): readonly KeyedRule[] {
  const { clusterIp, external } = plan.frontends;
  const rules: KeyedRule[] = [];
  const [internalPool] = poolsOf(plan.internal);
  if (clusterIp !== undefined && internalPool !== undefined) {
    const target: IptablesTarget = { kind: 'jump', chain: poolChain(plan, internalPool) };
    rules.push(addressRule(plan, family, { address: clusterIp, target, comment: `${plan.id.text} cluster IP` }));
  }
  if (!usesExternalChain(plan)) return rules;
  for (const { kind, address, allowedSources } of external) {
    const firewall: IptablesTarget = { kind: 'jump', chain: servicePortChains(plan.id).firewall };
    const target = allowedSources === undefined ? externalTarget(plan) : firewall;
    const noun = kind === 'externalIP' ? 'external IP' : 'loadbalancer IP';
    rules.push(addressRule(plan, family, { address, target, comment: `${plan.id.text} ${noun}` }));
  }
  return rules;
}

/** Packets to loopback addresses have a rule that counts them, before the one for all; both do the same. */
function natNodePorts(plan: ServicePortPlan, countsLoopback: boolean): readonly KeyedRule[] {
  const target = externalTarget(plan);
  const comment = plan.id.text;
  const counted: IptablesMatch = {
    destination: { value: loopbackBlocks.IPv4 },
    nfacct: nfacctObjects.loopbackNodePorts,
  };
  return [
    ...(countsLoopback ? nodePortRules(plan, { match: counted, target, comment }) : []),
    ...nodePortRules(plan, { match: {}, target, comment }),
  ];
}

function internalRefusals(plan: ServicePortPlan, family: IpFamily): readonly KeyedRule[] {
  const { clusterIp } = plan.frontends;
  const refusal = lastRefusal(plan.internal);
  if (clusterIp === undefined || refusal === undefined) return [];
  const target = refusalTarget(refusal, family);
  return [addressRule(plan, family, { address: clusterIp, target, comment: refusalComment(plan, refusal) })];
}

function externalRefusals(plan: ServicePortPlan, family: IpFamily): readonly KeyedRule[] {
  const refusal = lastRefusal(plan.external);
  if (refusal === undefined) return [];
  const target = refusalTarget(refusal, family);
  const comment = refusalComment(plan, refusal);
  return plan.frontends.external.map(({ address }) => addressRule(plan, family, { address, target, comment }));
}

/** On every address of the node, as NodePorts without endpoints have no list of addresses in kube-proxy either. */
function nodePortRefusals(plan: ServicePortPlan, family: IpFamily): readonly KeyedRule[] {
  const refusal = lastRefusal(plan.external);
  if (refusal === undefined) return [];
  const match: IptablesMatch = { destinationType: { value: 'LOCAL' } };
  return nodePortRules(plan, {
    match,
    target: refusalTarget(refusal, family),
    comment: refusalComment(plan, refusal),
  });
}

function nodePortRules(plan: ServicePortPlan, rule: IptablesRule): readonly KeyedRule[] {
  const { nodePort } = plan.frontends;
  if (nodePort === undefined) return [];
  const digits = protocolPortDigits(plan.id.protocol, nodePort);
  return [{ digits, rule: { ...rule, match: { ...rule.match, ...portMatch(plan, nodePort) } } }];
}

function firewallRules(plan: ServicePortPlan, family: IpFamily): readonly KeyedRule[] {
  if (!isGuarded(plan)) return [];
  const comment = `${plan.id.text} traffic not accepted by ${servicePortChains(plan.id).firewall}`;
  return plan.frontends.external
    .filter(({ allowedSources }) => allowedSources !== undefined)
    .map(({ address }) => addressRule(plan, family, { address, target: { kind: 'drop' }, comment }));
}

interface AddressTarget {
  readonly address: IpAddress;
  readonly target: IptablesTarget;
  readonly comment: string;
}

function addressRule(plan: ServicePortPlan, family: IpFamily, { address, target, comment }: AddressTarget): KeyedRule {
  const match = { destination: { value: hostCidr(address) }, ...portMatch(plan, plan.port) };
  return { digits: addressDigits(address, family), rule: { match, target, comment } };
}

function portMatch(plan: ServicePortPlan, port: number): IptablesMatch {
  return { protocol: plan.id.protocol, destinationPort: { from: port, to: port } };
}

function externalTarget(plan: ServicePortPlan): IptablesTarget {
  return { kind: 'jump', chain: servicePortChains(plan.id).external };
}

function refusalTarget(kind: RefusalKind, family: IpFamily): IptablesTarget {
  if (kind === 'drop') return { kind: 'drop' };
  return { kind: 'reject', with: family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable' };
}

function refusalComment(plan: ServicePortPlan, kind: RefusalKind): string {
  return `${plan.id.text} has no ${kind === 'drop' ? 'local endpoints' : 'endpoints'}`;
}
