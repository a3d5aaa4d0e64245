/** A packet on its way through netfilter: what rules can see of it and what they have done to it so far. */
import type { IpAddress } from '../../model/address.ts';
import type { Packet } from '../../model/packet.ts';
import type { NftablesHook } from '../../nftables/ruleset.ts';

/** The hooks of netfilter; the built-in chains of iptables have the same names in capitals. */
export type HookName = NftablesHook['hook'];

export interface PacketState {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly port: number;
  /** Whether source and port are those that it was sent with; the destination is while `endpoint` is not set. */
  readonly hasSentSource: boolean;
  readonly hasSentPort: boolean;
  /** skb->mark, 32 bits unsigned. It stays with a packet that loops back through `lo`. */
  readonly mark: number;
  /** Empty where the kernel has none: it compares with "" there (nulldevname in ip_tables.c). */
  readonly inputInterface: string;
  /** Undefined where the packet has one, but only the routing table knows which. Only the iptables tracer sets it. */
  readonly outputInterface: string | undefined;
  /** Whether conntrack has seen the packet, as it has not in the raw table. */
  readonly tracked: boolean;
  /** `address:port` of the DNAT target that took the packet. */
  readonly endpoint: string | undefined;
  /** Whether DNAT changed anything: only then has the connection the conntrack state DNAT (nf_nat_setup_info). */
  readonly rewritten: boolean;
  readonly masqueraded: boolean;
  /** Whether a filter rule accepted the packet on its way in (`HookStage.letsIn`). */
  readonly letIn: boolean;
  /** Whether the packet is past POSTROUTING and comes back in through `lo`. */
  readonly looped: boolean;
}

/** A packet before its first hook. */
export function initialState({ source, destination, port, inputInterface = '' }: Packet): PacketState {
  return {
    source,
    destination,
    port,
    hasSentSource: true,
    hasSentPort: true,
    mark: 0,
    inputInterface,
    outputInterface: '',
    tracked: false,
    endpoint: undefined,
    rewritten: false,
    masqueraded: false,
    letIn: false,
    looped: false,
  };
}

/** Whether the address is still the one that the packet was sent with. */
export function isAsSent(state: PacketState, field: 'source' | 'destination'): boolean {
  return field === 'source' ? state.hasSentSource : state.endpoint === undefined;
}

/** Equal for packets that no rule can tell apart and that have the same outcome before them. */
export function stateKey(state: PacketState): string {
  return Object.values(state).map(String).join(' ');
}
