/** From the plan to the iptables ruleset: the fixed chains of static-chains.ts around what each service port needs. */
import type { IpFamily } from '../../model/address.ts';
import type { IptablesLayout } from '../../model/config.ts';
import type { Branch, Plan, ServicePortPlan } from '../../model/plan.ts';
import { type ChunkMemory, emptyChunkMemory, mapRemembered } from '../../structures/chunked.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { memoize } from '../../structures/memoize.ts';
import type { IptablesChain, IptablesRuleset } from '../ruleset.ts';
import { type Dispatch, type KeySpace, linearDispatch, treeDispatch } from './dispatch.ts';
import { type FrontendRules, frontendRules } from './frontend-rules.ts';
import { addressSpace, portSpace } from './key-spaces.ts';
import { type ChainOptions, serviceChains } from './service-chains.ts';
import { filterChains, natChains } from './static-chains.ts';

/** The complete ruleset of one family. Chains that only unchanged service ports shape keep their identity. */
export function lower(
  plan: Plan,
  layout: IptablesLayout,
  memory: IptablesLowerMemory = emptyIptablesLowerMemory(),
): IptablesRuleset {
  const last = recall(memory, plan, layout);
  const chunks = mapRemembered(
    last.servicePorts,
    plan.servicePorts,
    (servicePort, known) => known ?? lowerServicePort(servicePort, plan.family, last),
  );
  const dispatches = dispatchAll(chunks.flat(), plan.family, last);
  const { nat: services, natNodePorts, refuseInternal, refuseExternal, refuseNodePorts, firewall } = dispatches;
  return {
    family: plan.family,
    tables: [
      {
        name: 'nat',
        chains: [
          ...natChains(plan, { services: services.rules, nodePorts: natNodePorts.rules }),
          ...services.chains,
          ...natNodePorts.chains,
        ].concat(...chunks.map(chainsOf)),
      },
      {
        name: 'filter',
        chains: [
          ...filterChains(plan, {
            services: refuseInternal.rules,
            externalServices: [...refuseExternal.rules, ...refuseNodePorts.rules],
            firewall: firewall.rules,
          }),
          ...refuseInternal.chains,
          ...refuseExternal.chains,
          ...refuseNodePorts.chains,
          ...firewall.chains,
        ],
      },
    ],
  };
}

interface LoweredServicePort {
  readonly chains: readonly IptablesChain[];
  readonly frontends: FrontendRules;
}

/** All chains of a chunk: there are so many that they are not gathered anew for each change. */
const chainsOf = memoize((chunk: readonly LoweredServicePort[]): readonly IptablesChain[] =>
  chunk.flatMap(({ chains }) => chains),
);

/** What was lowered last. Another layout, or another way to tell local pods, begins anew. */
export interface IptablesLowerMemory {
  last: LoweredLast | undefined;
}

interface LoweredLast {
  readonly options: ChainOptions;
  /** Whether packets to NodePorts on loopback addresses are counted by nfacct. */
  readonly countsLoopback: boolean;
  readonly servicePorts: ChunkMemory<ServicePortPlan, LoweredServicePort>;
  /** By the plan's frontends, which stay the same while endpoints come and go; `state` tells when they do not. */
  readonly frontends: WeakMap<ServicePortPlan['frontends'], { state: string; rules: FrontendRules }>;
  dispatches: { readonly frontends: readonly FrontendRules[]; readonly dispatches: Dispatches } | undefined;
}

type DispatchName = keyof FrontendRules;

/**
 * How the frontends in each chain are told apart. Prefixes have ten characters at most, so that an IPv4 block fits
 * behind them: chain names end at 28. Branches in nat call the chains of Services, which a kube-proxy that comes back
 * deletes; so their prefixes are among those that it flushes first (isServiceChainName in kube-proxy's proxier.go).
 * Branches in filter call only each other, and no rule calls them once it has flushed KUBE-SERVICES and its like.
 */
const keySpaces: Readonly<Record<DispatchName, (family: IpFamily) => KeySpace>> = {
  nat: (family) => addressSpace(family === 'IPv4' ? 'KUBE-SVC-' : 'KUBE-SVC-v6-', family),
  natNodePorts: () => portSpace('KUBE-EXT-'),
  refuseInternal: (family) => addressSpace('KUBE-SVCS-', family),
  refuseExternal: (family) => addressSpace('KUBE-XSVC-', family),
  refuseNodePorts: () => portSpace('KUBE-NPTS-'),
  firewall: (family) => addressSpace('KUBE-PFWL-', family),
};

export function emptyIptablesLowerMemory(): IptablesLowerMemory {
  return { last: undefined };
}

function recall(memory: IptablesLowerMemory, plan: Plan, layout: IptablesLayout): LoweredLast {
  const { last } = memory;
  const { localPods } = plan;
  const countsLoopback = plan.nfacct && plan.protectLoopback;
  const isSame = last?.options.localPods === localPods && last.options.layout === layout;
  if (isSame && last.countsLoopback === countsLoopback) return last;
  memory.last = {
    options: { layout, localPods },
    countsLoopback,
    servicePorts: emptyChunkMemory(),
    frontends: new WeakMap(),
    dispatches: undefined,
  };
  return memory.last;
}

function lowerServicePort(servicePort: ServicePortPlan, family: IpFamily, last: LoweredLast): LoweredServicePort {
  return { chains: serviceChains(servicePort, last.options), frontends: frontendRulesFor(servicePort, family, last) };
}

function frontendRulesFor(servicePort: ServicePortPlan, family: IpFamily, last: LoweredLast): FrontendRules {
  const { frontends, internal, external } = servicePort;
  const state = [...internal, ...external].map(branchState).join();
  const known = last.frontends.get(frontends);
  if (known?.state === state) return known.rules;
  const rules = frontendRules(servicePort, family, last.countsLoopback);
  last.frontends.set(frontends, { state, rules });
  return rules;
}

function branchState({ caller, action }: Branch): string {
  return `${caller} ${action.kind === 'balance' ? action.pool : action.kind}`;
}

type Dispatches = Readonly<Record<DispatchName, Dispatch>>;

/** The dispatch over all frontends; the very same one while none of them changes. */
function dispatchAll(lowered: readonly LoweredServicePort[], family: IpFamily, last: LoweredLast): Dispatches {
  const frontends = lowered.map((each) => each.frontends);
  const known = last.dispatches;
  if (known !== undefined && sameElements(known.frontends, frontends)) return known.dispatches;
  const dispatch = (name: DispatchName): Dispatch => {
    const rules = frontends.flatMap((each) => each[name]);
    const { layout } = last.options;
    const made = layout === 'fast' ? treeDispatch(rules, keySpaces[name](family)) : linearDispatch(rules);
    return { rules: made.rules, chains: reuseChains(made.chains, known?.dispatches[name].chains ?? []) };
  };
  const dispatches = {
    nat: dispatch('nat'),
    natNodePorts: dispatch('natNodePorts'),
    refuseInternal: dispatch('refuseInternal'),
    refuseExternal: dispatch('refuseExternal'),
    refuseNodePorts: dispatch('refuseNodePorts'),
    firewall: dispatch('firewall'),
  };
  last.dispatches = { frontends, dispatches };
  return dispatches;
}

/** New chains whose rules are those of an old one are replaced by it, so that identity goes on telling equality. */
function reuseChains(chains: readonly IptablesChain[], old: readonly IptablesChain[]): readonly IptablesChain[] {
  const byName = new Map(old.map((chain) => [chain.name, chain]));
  return chains.map((chain) => {
    const before = byName.get(chain.name);
    return before !== undefined && sameElements(before.rules, chain.rules) ? before : chain;
  });
}
