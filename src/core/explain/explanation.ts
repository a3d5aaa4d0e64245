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
  /** Let in by a rule made for it. */
  | 'accepted'
  /** No rule of a service proxy decides: the packet goes where it would go without. */
  | 'untouched'
  /** Several of these, by chance. */
  | 'mixed'
  /** A rule was met that there is no model for. */
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
    /** A Service that this proxy leaves alone. */
    | 'aside'
    /** Of a kind that a dump alone does not say. */
    | 'frontend'
    | 'nothing';
  readonly text: string;
}

/** An endpoint that the EndpointSlices name for the service port, and whether it takes this packet. */
export interface EndpointAccount {
  readonly endpoint: string;
  readonly node?: string;
  readonly takesPart: boolean;
  readonly reason: PacketRemark;
  /** Only with `takesPart`. */
  readonly share?: Share;
  readonly masquerade?: boolean;
}

/** A rule on the packet's way, and the rules after it. */
export interface WalkStep {
  /** `nat KUBE-SERVICES 3`, `services 1`: the chain, and the rule's number in it from 1. */
  readonly place: string;
  /** The rule as it is listed, but for its comment. */
  readonly rule: string;
  readonly comment?: string;
  /** `namespace/name:port`, where the rule says whose it is. */
  readonly service?: string;
  /** What the rule's map has for the packet. */
  readonly element?: string;
  /** How much of all packets comes this way. */
  readonly share: Share;
  /** In the order in which they are met; more than one where chance decides. */
  readonly next: readonly WalkStep[];
  /** The outcomes of packets for which this step is the last one. */
  readonly outcomes?: readonly OutcomeShare[];
}

/** A packet's way through a ruleset. */
export interface Walk {
  readonly mode: ProxyMode;
  /** `compiled`: what rulewright makes of the Services. `dump`: what was given, of a kernel or a file. */
  readonly origin: 'compiled' | 'dump';
  readonly outcomes: readonly OutcomeShare[];
  /** Empty for a packet that meets no rule. */
  readonly steps: readonly WalkStep[];
  /** Rules that were met and cannot be modelled: the outcome is unknown. */
  readonly problems: readonly PacketRemark[];
  /** Of a dump beside a snapshot: whether both say the same. */
  readonly agreement?: 'same' | 'different' | 'unknown';
}

export interface Explanation {
  readonly question: PacketQuestion;
  readonly node: string;
  /** The packet that opens the connection; absent where no packet is meant, as for the name of a headless Service. */
  readonly packet?: {
    readonly source: IpAddress;
    readonly destination: IpAddress;
    readonly protocol: Protocol;
    readonly port: number;
    /** Absent when the node itself sends. */
    readonly inputInterface?: string;
  };
  readonly verdict: PacketVerdict;
  /** One sentence that says it all. */
  readonly headline: string;
  readonly sender?: PacketRemark;
  readonly target: PacketTarget;
  /** Which policy took effect, source ranges, masquerading, affinity, the filter: what decided, in order. */
  readonly decisions: readonly (PacketRemark & { readonly topic: Topic })[];
  readonly endpoints: readonly EndpointAccount[];
  readonly outcomes: readonly OutcomeShare[];
  /** Why it is not otherwise, and what would help. */
  readonly reasons: readonly PacketRemark[];
  readonly walk?: Walk;
  readonly notes: readonly PacketRemark[];
}

export type Topic = 'policy' | 'sources' | 'masquerade' | 'affinity' | 'filter';

/** The question names nothing that is known, or more than one thing. */
export interface Unclear {
  readonly code: string;
  /** What is wrong, one sentence without a full stop. */
  readonly problem: string;
  /** What to ask instead. */
  readonly remedy: string;
}

export type PacketAnswer =
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'unclear'; readonly unclear: Unclear };
