/** Resolves a question in words to a packet. */
import { familyOf } from '../../model/address.ts';
import type { Packet } from '../../model/packet.ts';
import type { PacketAnswer, PacketQuestion } from '../explanation.ts';
import type { World } from '../world.ts';
import { type Destination, resolveDestination } from './destination.ts';
import { resolveSource, type Sender } from './source.ts';

/** The packet and its sender; or an answer, where the words are ambiguous or need no packet. */
export function resolveQuestion(
  world: World,
  question: PacketQuestion,
): PacketAnswer | { readonly kind: 'asked'; readonly packet: Packet; readonly sender: Sender } {
  const destination = resolveDestination(world, question);
  if (destination.kind === 'unclear') return destination;
  if (destination.value.kind === 'aside') return explainAside(world, question, destination.value);
  const { address, port, protocol } = destination.value;
  const words = { source: question.source, family: familyOf(address), destination: address };
  const sender = resolveSource(world, words, question.inputInterface);
  if (sender.kind === 'unclear') return sender;
  const { inputInterface } = sender.value;
  const packet: Packet = {
    source: sender.value.address,
    destination: address,
    protocol,
    port,
    ...(inputInterface === undefined ? {} : { inputInterface }),
    ...(question.remembered === undefined ? {} : { remembered: question.remembered }),
  };
  return { kind: 'asked', packet, sender: sender.value };
}

function explainAside(
  { config }: World,
  question: PacketQuestion,
  { service, remark }: Extract<Destination, { kind: 'aside' }>,
): PacketAnswer {
  return {
    kind: 'explained',
    explanation: {
      question,
      node: config.nodeName,
      verdict: 'untouched',
      headline: 'Not touched: this Service has no rules.',
      target: { kind: 'aside', service, text: `Service ${service}` },
      decisions: [],
      endpoints: [],
      outcomes: [],
      reasons: [remark],
      notes: [],
    },
  };
}
