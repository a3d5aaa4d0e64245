/** Resolves the source of a question to an address and the interface that the packet arrives on. */
import { familyOf, type IpAddress, type IpFamily } from '../../model/address.ts';
import type { PacketRemark, Unclear } from '../explanation.ts';
import { planOf, runsHere, type World } from '../world.ts';
import { findSender, isOfThisNode, type SourceWords } from './find-sender.ts';
import { type Resolved, resolved, unclear } from './resolved.ts';

export interface Sender {
  readonly address: IpAddress;
  /** Absent when the node itself sends. */
  readonly inputInterface?: string;
  readonly remark: PacketRemark;
}

/** The sender, in the family of the destination; or why it is unclear. */
export function resolveSource(world: World, words: SourceWords, given: string | undefined): Resolved<Sender> {
  const found = findSender(world, words);
  if (found.kind === 'unclear') return found;
  const { address, who } = found.value;
  if (familyOf(address) !== words.family) return unclear(otherFamily(words, address));
  if (isOfThisNode(world, address) && given === undefined) {
    return resolved({ address, remark: { code: 'sender-node', text: `${address}, ${who}: sent by the node itself` } });
  }
  const isHere = words.source === 'pod' || runsHere(world, address);
  const { name, matters } = interfaceOf(world, words.family, isHere);
  const inputInterface = given ?? name;
  const way = given !== undefined || matters ? `: arrives on ${inputInterface}` : '';
  return resolved({ address, inputInterface, remark: { code: 'sender-arrives', text: `${address}, ${who}${way}` } });
}

/** The interface matters only where local detection uses it. */
function interfaceOf(
  world: World,
  family: IpFamily,
  isHere: boolean,
): { readonly name: string; readonly matters: boolean } {
  const { localPods } = planOf(world, family);
  const matters = localPods.kind === 'interface' || localPods.kind === 'interfacePrefix';
  if (isHere && localPods.kind === 'interface') return { name: localPods.name, matters };
  if (isHere && localPods.kind === 'interfacePrefix') return { name: `${localPods.prefix}0`, matters };
  return { name: isHere ? 'pod0' : 'eth0', matters };
}

function otherFamily({ source, family }: SourceWords, address: IpAddress): Unclear {
  return {
    code: 'families-differ',
    problem: `the source ${source} is ${familyOf(address)} (${address}), but the destination is ${family}`,
    remedy: 'use a source and a destination of the same family, or pass --ip-family',
  };
}
