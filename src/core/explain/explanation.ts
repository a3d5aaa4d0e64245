/**
 * Explains a packet: where it goes and why. The value is JSON: the command line draws it, the daemon sends it.
 * All its texts are printable ASCII (`structures/safe-text.ts`), whatever the objects and rules contain.
 */
import type { IpAddress, IpFamily } from '../model/address.ts';
import type { ProxyMode } from '../model/config.ts';
import type { Protocol } from '../model/objects.ts';
import type { Share } from '../structures/share.ts';

/** A question about one packet, in words that are resolved with the objects of the cluster. */
export interface PacketQuestion {
  /** `node`, `outside`, `pod`, `localhost`, an address, or `namespace/name` of a Pod or Service. */
  readonly source: string;
  /** `namespace/name`, an address, `node` or `localhost`, each with `:port` by name or number, or without. */
  readonly destination: string;
  readonly protocol?: Protocol;
  /** For names that stand for addresses of both families. */
  readonly family?: IpFamily;
  /** The interface that the packet arrives on. */
  readonly inputInterface?: string;
  /** `address:port` of the endpoint that affinity remembers for this client. */
  readonly remembered?: string;
}

/** A sentence or phrase for people, with a stable word for programs. */
export interface PacketRemark {
  readonly code: string;
  readonly text: string;
}

export type PacketVerdict =
  /** Sent to an endpoint. */
  | 'delivered'
  /** ICMP port unreachable. */
  | 'refused'
  | 'dropped'
  /** Accepted by a rule for it. */
  | 'accepted'
  /** No service proxy rule applies: the packet follows the routing table. */
  | 'untouched'
  /** Several of these, picked at random. */
  | 'mixed'
  /** The packet met a rule without a model. */
  | 'unknown';

export interface OutcomeShare {
  readonly verdict: Exclude<PacketVerdict, 'mixed' | 'unknown'>;
  /** `address:port`; only for `delivered`. */
  readonly endpoint?: string;
  readonly masquerade?: boolean;
  readonly share: Share;
}

/** What the packet is sent to. */
export interface PacketTarget {
  /** `namespace/name`. */
  readonly service?: string;
  /** The port's name, where it has one. */
  readonly portName?: string;
  readonly kind:
    | 'clusterIP'
    | 'externalIP'
    | 'loadBalancerIP'
    | 'nodePort'
    | 'healthCheck'
    | 'endpoint'
    /** A Service that has no rules by design, such as a headless one. */
    | 'aside'
    /** Its kind is unknown: a dump alone does not contain it. */
    | 'frontend'
    | 'nothing';
  readonly text: string;
}

/** An endpoint of the service port in the EndpointSlices, and whether it can receive this packet. */
export interface EndpointAccount {
  readonly endpoint: string;
  readonly node?: string;
  readonly takesPart: boolean;
  readonly reason: PacketRemark;
  /** Only with `takesPart`. */
  readonly share?: Share;
  readonly masquerade?: boolean;
}

/** A rule on the packet's path, and the rules after it. */
export interface WalkStep {
  /** `nat KUBE-SERVICES 3`, `services 1`: the chain, and the rule's number in it from 1. */
  readonly place: string;
  /** The rule as listed, without its comment. */
  readonly rule: string;
  readonly comment?: string;
  /** `namespace/name:port`, where the rule names its service port. */
  readonly service?: string;
  /** The matching element of the rule's map. */
  readonly element?: string;
  /** The share of packets that reach this rule. */
  readonly share: Share;
  /** In evaluation order; more than one after a random choice. */
  readonly next: readonly WalkStep[];
  /** The outcomes of packets for which this step is the last one. */
  readonly outcomes?: readonly OutcomeShare[];
}

/** A packet's path through a ruleset. */
export interface Walk {
  readonly mode: ProxyMode;
  /** `compiled`: rules that rulewright compiled. `dump`: rules from a kernel or a file. */
  readonly origin: 'compiled' | 'dump';
  readonly outcomes: readonly OutcomeShare[];
  /** Empty for a packet that matches no rule. */
  readonly steps: readonly WalkStep[];
  /** Rules on the path that cannot be modelled: the outcome is unknown. */
  readonly problems: readonly PacketRemark[];
  /** Only with a dump and a snapshot: whether their outcomes agree. */
  readonly agreement?: 'same' | 'different' | 'unknown';
}

export interface Explanation {
  readonly question: PacketQuestion;
  readonly node: string;
  /** The first packet of the connection; absent where the question has none, as for the name of a headless Service. */
  readonly packet?: {
    readonly source: IpAddress;
    readonly destination: IpAddress;
    readonly protocol: Protocol;
    readonly port: number;
    /** Absent when the node itself sends. */
    readonly inputInterface?: string;
  };
  readonly verdict: PacketVerdict;
  /** The outcome in one sentence. */
  readonly headline: string;
  readonly sender?: PacketRemark;
  readonly target: PacketTarget;
  /** The decisions in order: traffic policy, source ranges, masquerading, affinity, filter. */
  readonly decisions: readonly (PacketRemark & { readonly topic: Topic })[];
  readonly endpoints: readonly EndpointAccount[];
  readonly outcomes: readonly OutcomeShare[];
  /** Why the packet reaches no endpoint, and the remedy. */
  readonly reasons: readonly PacketRemark[];
  readonly walk?: Walk;
  readonly notes: readonly PacketRemark[];
}

export type Topic = 'policy' | 'sources' | 'masquerade' | 'affinity' | 'filter';

/** The question names something unknown or ambiguous. */
export interface Unclear {
  readonly code: string;
  /** The problem, one sentence without a full stop. */
  readonly problem: string;
  /** What to ask instead. */
  readonly remedy: string;
}

export type PacketAnswer =
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'unclear'; readonly unclear: Unclear };
