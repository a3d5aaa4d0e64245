/** The state of a packet in netfilter: the fields that rules can see, and the effects of rules so far. */
import type { IpAddress } from '../../model/address.ts';
import type { Packet } from '../../model/packet.ts';
import type { NftablesHook } from '../../nftables/ruleset.ts';

/** The hooks of netfilter; the built-in chains of iptables have the same names in capitals. */
export type HookName = NftablesHook['hook'];

export interface PacketState {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly port: number;
  /** Whether source and port are unchanged; the destination is unchanged while `endpoint` is not set. */
  readonly hasSentSource: boolean;
  readonly hasSentPort: boolean;
  /** skb->mark, 32 bits unsigned. It stays with a packet that loops back through `lo`. */
  readonly mark: number;
  /** Empty if the kernel has none: it then compares with "" (nulldevname in ip_tables.c). */
  readonly inputInterface: string;
  /** Undefined if only the routing table knows it. Only the iptables tracer uses that. */
  readonly outputInterface: string | undefined;
  /** Whether conntrack has seen the packet; in the raw table it has not. */
  readonly tracked: boolean;
  /** `address:port` of the DNAT target of the packet. */
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

/** Equal for packets that no later rule can distinguish and whose outcome will be the same. */
export function stateKey(state: PacketState): string {
  return Object.values(state).map(String).join(' ');
}
