/** Questions about a packet from rules of either backend. The witness hears them while the field is unchanged. */
import type { Cidr } from '../../model/address.ts';
import { cidrContains } from '../../model/cidr.ts';
import { isLocalAddress } from '../host.ts';
import { askBlocks, askWhetherLocal, nameQuestion, type TraceScene, whichOf } from '../witness.ts';
import { isAsSent, type PacketState } from './state.ts';

type AddressField = 'source' | 'destination';

/** Whether the address is one of this node. */
export function isLocal(field: AddressField, state: PacketState, { host, witness }: TraceScene): boolean {
  if (isAsSent(state, field)) askWhetherLocal(witness, field, host, state[field]);
  return isLocalAddress(state[field], host);
}

export function isInBlock(field: AddressField, block: Cidr, state: PacketState, { witness }: TraceScene): boolean {
  if (isAsSent(state, field)) askBlocks(witness, field, [block]);
  return cidrContains(block, state[field]);
}

/** Whether the packet arrived on an interface with this name or prefix. */
export function comesFrom(name: string, isPrefix: boolean, state: PacketState, { witness }: TraceScene): boolean {
  if (!state.looped) witness?.asked('inputInterface', nameQuestion(name, isPrefix));
  return isPrefix ? state.inputInterface.startsWith(name) : state.inputInterface === name;
}

/** Whether session affinity remembers one of these endpoints (`address:port`) for the client. */
export function isRemembered(endpoints: readonly string[], { packet, witness }: TraceScene): boolean {
  if (witness?.isOpen('remembered') === true) {
    witness.asked('remembered', whichOf('remembered', { values: endpoints, tellsApart: false }));
  }
  return packet.remembered !== undefined && endpoints.includes(packet.remembered);
}
