/** What targets do to a packet, and where the kernel allows them. */
import type { IptablesTarget, TableName } from '../iptables/ruleset.ts';
import { familyOf, formatHostPort } from '../model/address.ts';
import type { TraceHost } from '../model/packet.ts';
import type { Hook, PacketState } from './state.ts';
import { addressQuestion, portQuestion, type Witness } from './witness.ts';

type Change<K extends IptablesTarget['kind']> = Extract<IptablesTarget, { kind: K }>;

/** Without a port in the target the packet keeps its own. */
export function rewriteDestination(state: PacketState, target: Change<'dnat'>): PacketState {
  const { address, port = state.port } = target;
  const rewritten = address !== state.destination || port !== state.port;
  const hasSentPort = state.hasSentPort && target.port === undefined;
  return { ...state, destination: address, port, hasSentPort, rewritten, endpoint: formatHostPort(address, port) };
}

/** What `rewriteDestination` has to know of the packet: whether anything changes, and the port where that stays. */
export function askForRewrite(witness: Witness | undefined, state: PacketState, target: Change<'dnat'>): void {
  if (witness === undefined) return;
  if (state.endpoint === undefined && witness.isOpen('destination')) {
    witness.asked('destination', addressQuestion(target.address));
  }
  const port = target.port ?? state.port;
  if (state.hasSentPort) witness.asked('port', portQuestion({ from: port, to: port }));
}

/**
 * The new source is an address of the interface that the packet leaves by, or of another one where that is `lo`
 * (inet_select_addr). Only a packet to this node itself is looked at again, where any of its addresses will do.
 */
export function masquerade(state: PacketState, { addresses }: TraceHost): PacketState {
  const source = addresses.find((address) => familyOf(address) === familyOf(state.source));
  if (source === undefined) return { ...state, masqueraded: true };
  return { ...state, source, hasSentSource: false, masqueraded: true };
}

/** xt_mark.c: `(skb->mark & ~mask) ^ mark`. */
export function setMark(state: PacketState, { mark, mask }: Change<'mark'>): PacketState {
  return { ...state, mark: ((state.mark & ~mask) ^ mark) >>> 0 };
}

/** Whether the module registers the target for this table and hook (xt_nat.c, xt_MASQUERADE.c). */
export function isAllowedAt(target: IptablesTarget, table: TableName, hook: Hook): boolean {
  if (target.kind === 'dnat') return table === 'nat' && (hook === 'PREROUTING' || hook === 'OUTPUT');
  if (target.kind === 'masquerade') return table === 'nat' && hook === 'POSTROUTING';
  return true;
}
