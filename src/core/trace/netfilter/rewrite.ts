/** The effects of rules on a packet: NAT and marks, and where the kernel allows NAT. */
import { familyOf, formatHostPort, type IpAddress } from '../../model/address.ts';
import type { TraceHost } from '../../model/packet.ts';
import { askAddress, portQuestion, type Witness } from '../witness.ts';
import type { HookName, PacketState } from './state.ts';

/** The target of DNAT; without a port, the packet keeps its port. */
export interface NatTarget {
  readonly address: IpAddress;
  readonly port?: number | undefined;
}

/** Reports to the witness what the rewrite depends on: whether anything changes, and the port if it stays. */
export function rewriteDestination(state: PacketState, target: NatTarget, witness: Witness | undefined): PacketState {
  const { address, port = state.port } = target;
  if (state.endpoint === undefined) askAddress(witness, 'destination', address);
  if (state.hasSentPort) witness?.asked('port', portQuestion({ from: port, to: port }));
  const rewritten = address !== state.destination || port !== state.port;
  const hasSentPort = state.hasSentPort && target.port === undefined;
  return { ...state, destination: address, port, hasSentPort, rewritten, endpoint: formatHostPort(address, port) };
}

/**
 * The new source is an address of the outgoing interface, or of another one if that is `lo` (inet_select_addr). Only a
 * packet to this node itself is inspected again, and there any of its addresses will do.
 */
export function masquerade(state: PacketState, { addresses }: TraceHost): PacketState {
  const source = addresses.find((address) => familyOf(address) === familyOf(state.source));
  if (source === undefined) return { ...state, masqueraded: true };
  return { ...state, source, hasSentSource: false, masqueraded: true };
}

/** Sets the mark as xt_mark.c does: `(skb->mark & ~mask) ^ mark`. */
export function setMark(
  state: PacketState,
  { mark, mask }: { readonly mark: number; readonly mask: number },
): PacketState {
  return { ...state, mark: ((state.mark & ~mask) ^ mark) >>> 0 };
}

/** Whether a table or chain for NAT may rewrite this at the hook (xt_nat.c, xt_MASQUERADE.c, nft_nat.c). */
export function isNatAllowedAt(kind: 'dnat' | 'masquerade', hook: HookName): boolean {
  return kind === 'masquerade' ? hook === 'postrouting' : hook === 'prerouting' || hook === 'output';
}
