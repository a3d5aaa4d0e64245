/** The values of a forecast: what a change of the objects means for the users of Services. words.ts makes texts. */
import type { Diagnostic } from '../diagnostics.ts';
import type { Cidr, IpAddress, IpFamily } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import type { Outcome } from '../model/packet.ts';
import type { PoolName } from '../model/plan.ts';

/** An address and port where a Service can be reached. */
export interface ServiceFrontend {
  readonly kind: 'clusterIP' | 'externalIP' | 'loadBalancerIP' | 'nodePort';
  readonly family: IpFamily;
  /** Absent for a NodePort, which answers on addresses of the node. */
  readonly address?: IpAddress;
  readonly port: number;
  readonly protocol: Protocol;
}

/**
 * A group of callers that are all treated alike. `pods`: sources that local detection takes for pods of this node,
 * before and after; `podsBefore` and `podsAfter`: only then. `others`: all other sources. `endpoint`: an endpoint that
 * calls its own Service. The last two do not occur in an orderly network: this node sending from a foreign address, and
 * packets that arrive with an address of this node as their source.
 */
export interface CallerGroup {
  readonly who:
    | 'everyone'
    | 'thisNode'
    | 'pods'
    | 'podsBefore'
    | 'podsAfter'
    | 'others'
    | 'endpoint'
    | 'thisNodeForeign'
    | 'forged';
  /** When source ranges let them in; absent where no ranges guard the frontend, before or after. */
  readonly allowed?: 'both' | 'before' | 'after' | 'never';
}

/** How well a caller's connections reach a Service. */
export interface Reachability {
  /** Every possible outcome once, sorted. */
  readonly outcomes: readonly Outcome['kind'][];
  /** How many endpoints can be reached. */
  readonly endpoints: number;
  /** Whether endpoints see the client's own address; only where that changes. */
  readonly clientAddress?: 'visible' | 'hidden' | 'mixed';
}

/**
 * `cutOff`: endpoints were reached, now none is. `reachable`: the reverse. `answer`: no endpoint either way, but
 * another answer. `endpoints`: others than before, or not as often. `clientAddress`: the same endpoints see another
 * source.
 */
export type EffectKind = 'cutOff' | 'reachable' | 'answer' | 'endpoints' | 'clientAddress';

/** A service port by name and number. */
export interface PortName {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** The end of a route for callers without a short cut: a pool, or dropped because no endpoint is on this node. */
export type RouteEnd = PoolName | 'drop';

/** One thing that changes for a Service. */
export type Change =
  | {
      readonly kind: 'frontend';
      readonly change: 'opened' | 'closed';
      readonly frontend: ServiceFrontend;
      /** Whether source ranges guard it. */
      readonly guarded: boolean;
      /** The Service (`namespace/name`) that had it before, or has it afterwards. */
      readonly otherOwner?: string;
    }
  | { readonly kind: 'port'; readonly change: 'added' | 'removed'; readonly family: IpFamily; readonly port: PortName }
  | { readonly kind: 'protocol'; readonly family: IpFamily; readonly before: PortName; readonly after: PortName }
  | {
      readonly kind: 'endpoints';
      readonly family: IpFamily;
      readonly port: PortName;
      readonly pool: PoolName;
      readonly before: number;
      readonly after: number;
      /** `address:port`. */
      readonly gained: readonly string[];
      readonly lost: readonly string[];
    }
  | {
      /** Endpoints that stay but come to this node or leave it: what they see when they call themselves differs. */
      readonly kind: 'moved';
      readonly family: IpFamily;
      readonly port: PortName;
      readonly endpoints: readonly string[];
    }
  | {
      readonly kind: 'policy';
      readonly family: IpFamily;
      readonly port: PortName;
      readonly traffic: 'internal' | 'external';
      readonly before: RouteEnd;
      readonly after: RouteEnd;
    }
  | {
      /** The sources that may use a load-balancer IP; an absent list means any. */
      readonly kind: 'sources';
      readonly frontend: ServiceFrontend;
      readonly before?: readonly Cidr[];
      readonly after?: readonly Cidr[];
      /** Whether some address may use it now that might not, and the reverse: lists can differ in words alone. */
      readonly widened: boolean;
      readonly narrowed: boolean;
    }
  | {
      /** Seconds; absent where there is no affinity. */
      readonly kind: 'affinity';
      readonly family: IpFamily;
      readonly port: PortName;
      readonly before?: number;
      readonly after?: number;
    }
  | {
      readonly kind: 'healthCheck';
      readonly family: IpFamily;
      readonly before?: HealthCheckState;
      readonly after?: HealthCheckState;
    }
  | TrafficEffect;

export interface HealthCheckState {
  readonly port: number;
  readonly localEndpoints: number;
}

/** Callers whose connections are treated differently than before. */
export interface TrafficEffect {
  readonly kind: 'effect';
  readonly effect: EffectKind;
  readonly callers: readonly CallerGroup[];
  readonly frontends: readonly ReachedFrontend[];
  readonly before: Reachability;
  readonly after: Reachability;
  /** How many endpoints are reached now that were not, and the reverse. */
  readonly gained: number;
  readonly lost: number;
}

export interface ReachedFrontend extends ServiceFrontend {
  /** The address of the node, where a NodePort does not answer alike on all of them. */
  readonly at?: IpAddress;
}

/** All that changes for one Service; Services for which nothing changes have none. */
export interface ServiceForecast {
  readonly namespace: string;
  readonly name: string;
  readonly change: 'created' | 'deleted' | 'changed';
  readonly changes: readonly Change[];
  /** How open connections are affected, in words; absent where they are not. */
  readonly openConnections?: string;
}

/** A setting of the node that bears on all Services. */
export interface NodeChange {
  /** Absent where both families are meant. */
  readonly family?: IpFamily;
  readonly setting: string;
  readonly before: string;
  readonly after: string;
}

export type RiskSeverity = 'high' | 'medium' | 'low';

/** A change that should be reviewed before it is made. */
export interface Risk {
  /** Stable, in kebab-case, documented in docs/cli-plan.md; never reused for another meaning. */
  readonly code: RiskCode;
  readonly severity: RiskSeverity;
  /** `namespace/name` of the Service; absent where the node is meant. */
  readonly service?: string;
  /** What happens, one sentence without a full stop. */
  readonly message: string;
  /** The Service does not change: it was so before. */
  readonly standing?: true;
}

/** Every risk with its severity, the worst first. */
export const riskSeverities = {
  'frontend-loses-endpoints': 'high',
  'service-deleted': 'high',
  'port-removed': 'high',
  'protocol-changed': 'high',
  'cluster-ip-changed': 'high',
  'frontend-taken': 'high',
  'opened-to-world': 'high',
  'node-wide': 'high',
  'frontend-closed': 'medium',
  'callers-cut-off': 'medium',
  'no-local-endpoint': 'medium',
  'endpoints-halved': 'medium',
  'source-ranges-narrowed': 'medium',
  'client-address-hidden': 'medium',
  conflict: 'medium',
  'affinity-switched': 'medium',
  'health-check-changed': 'medium',
  'health-check-fails': 'medium',
  'affinity-reset': 'low',
  'source-ranges-widened': 'low',
  'external-frontend-opened': 'low',
  'client-address-visible': 'low',
  'external-ips-deprecated': 'low',
} as const satisfies Readonly<Record<string, RiskSeverity>>;

export type RiskCode = keyof typeof riskSeverities;

export interface Forecast {
  /** Sorted by namespace and name. */
  readonly services: readonly ServiceForecast[];
  readonly node: readonly NodeChange[];
  /** Diagnostics that only the new objects have, and those that only the old ones had. */
  readonly diagnostics: { readonly appeared: readonly Diagnostic[]; readonly vanished: readonly Diagnostic[] };
  /** The worst first, then by Service. */
  readonly risks: readonly Risk[];
  /** How many Services there are before and after, changed or not. */
  readonly totals: { readonly before: number; readonly after: number };
}
