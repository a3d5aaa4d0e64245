/**
 * Cuts a region of the header space into classes of packets that a reference and rules treat alike.
 *
 * Why that covers everything: one packet of the region is traced, and each question that a tracer asks cuts the region.
 * Packets with the same answer stay; packets with another answer go onto a heap of regions to explore later. Nothing is
 * lost, so when the heap is empty each packet of the region is in exactly one class. Why one packet represents its
 * class: tracers learn of a packet only what they ask (witness.ts), and all packets of a class give the same answers,
 * so each takes the same path, step by step. This holds for wrong rules too: the questions come from the actual rules.
 */
import type { IpAddress, IpFamily } from '../model/address.ts';
import type { Packet } from '../model/packet.ts';
import {
  type AddressQuestions,
  type PacketField,
  packetFields,
  type Witness,
  type WitnessQuestion,
} from '../trace/witness.ts';
import { cutRanges, isSingle } from './ranges.ts';
import { packetOf, pickValues, type Region, type Values } from './region.ts';

/** A class of packets with the same result, and that result. */
export interface PacketClass<Fate> {
  readonly region: Region;
  readonly packet: Packet;
  readonly fate: Fate;
}

export interface Exploration<Fate> {
  readonly family: IpFamily;
  /** Addresses of the node, the likely senders of its own packets. */
  readonly nodeAddresses: readonly IpAddress[];
  /** Traces a packet through everything that is compared, and reports each question to the witness. */
  readonly trace: (packet: Packet, witness: Witness) => Fate;
  /** Called with each part that a trace depends on, as `Witness.used`. */
  readonly used: Witness['used'];
  /** Questions of earlier explorations, possibly of other plans and rules. */
  readonly questions?: AddressQuestions;
}

/** All classes of a region, one by one. */
export function* explore<Fate>(start: Region, exploration: Exploration<Fate>): Generator<PacketClass<Fate>> {
  const { family, nodeAddresses, trace, used, questions = new Map() } = exploration;
  const heap: Region[] = [start];
  for (let region = heap.pop(); region !== undefined; region = heap.pop()) {
    const values = pickValues(region, nodeAddresses);
    const packet = packetOf(family, values);
    const narrowing = narrow(region, values, heap);
    const fate = trace(packet, { ...narrowing.witness, used, questions });
    yield { region: narrowing.region(), packet, fate };
  }
}

/** A witness that narrows the region to packets with the same answers; the rest goes onto the heap. */
function narrow(start: Region, values: Values, heap: Region[]) {
  let region = start;
  const open = new Set<PacketField>(packetFields.filter((field) => !isSingle(start[field])));
  const answered = new Map<PacketField, Set<WitnessQuestion>>();
  const asked = (field: PacketField, question: WitnessQuestion): void => {
    if (!open.has(field)) return;
    const known = answered.get(field);
    if (known?.has(question) === true) return;
    if (known === undefined) answered.set(field, new Set([question]));
    else known.add(question);
    const { kept, others } = cutRanges(region[field], question, values[field]);
    if (others.length === 0) return;
    for (const other of others) heap.push({ ...region, [field]: other });
    region = { ...region, [field]: kept };
    if (isSingle(kept)) open.delete(field);
  };
  return { region: () => region, witness: { isOpen: (field: PacketField) => open.has(field), asked } };
}
