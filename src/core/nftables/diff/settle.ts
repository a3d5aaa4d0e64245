/**
 * Assigns slots to endpoints so that as few elements as possible change. For packets, the order of endpoints in slots
 * does not matter as long as the slots have no gaps. The compiler numbers them in endpoint order, so removing one would
 * move all that follow. Instead:
 *
 * - an endpoint that stays keeps its slot while the slot exists;
 * - free slots go to the remaining endpoints: those whose slot no longer exists, and new ones.
 *
 * This is minimal: the slot of a removed endpoint changes anyway, and a new slot has to be added.
 */
import { sameElements } from '../../structures/list-difference.ts';
import type { Element, ElementGroup, NamedSet, NftablesRuleset } from '../ruleset.ts';
import { isSameElement, valueText } from './elements.ts';

/**
 * The settled chunk, and the settled group, for each wanted one of the last call. If `last` contains it, nothing has to
 * be done.
 */
export interface SettleMemory {
  readonly chunks: WeakMap<readonly ElementGroup[], readonly ElementGroup[]>;
  readonly groups: WeakMap<ElementGroup, ElementGroup>;
}

export function emptySettleMemory(): SettleMemory {
  return { chunks: new WeakMap(), groups: new WeakMap() };
}

/**
 * The wanted ruleset with the slots of `last`, as far as it has endpoints for them. Every packet has the same outcome
 * in both. Compare the result with `last`, and keep it as the last ruleset once it is applied.
 */
export function settleSlots(
  last: NftablesRuleset | undefined,
  wanted: NftablesRuleset,
  memory: SettleMemory = emptySettleMemory(),
): NftablesRuleset {
  const slotted = new Map(last?.sets.filter(hasSlots).map((set) => [set.name, set]));
  if (slotted.size === 0) return wanted;
  return {
    ...wanted,
    sets: wanted.sets.map((set) => {
      const before = hasSlots(set) ? slotted.get(set.name) : undefined;
      return before === undefined ? set : settleSet(before, set, memory);
    }),
  };
}

function hasSlots({ key }: NamedSet): boolean {
  return key.includes('slot');
}

function settleSet(last: NamedSet, wanted: NamedSet, memory: SettleMemory): NamedSet {
  const standing = new Set(last.groups);
  const asBefore = wanted.groups.map((chunk) => {
    const settled = memory.chunks.get(chunk) ?? chunk;
    return standing.has(settled) ? settled : undefined;
  });
  const found = new Set(asBefore);
  const others = last.groups.filter((chunk) => !found.has(chunk)).flat();
  const known = new Map(others.map((group) => [group.owner, group]));
  const settling = { known, slotPart: wanted.key.indexOf('slot'), memory };
  return { ...wanted, groups: wanted.groups.map((chunk, i) => asBefore[i] ?? settleChunk(chunk, settling)) };
}

interface Settling {
  /** The groups of `last` that may have changed, by owner. */
  readonly known: ReadonlyMap<string, ElementGroup>;
  /** The index of the slot in the key. */
  readonly slotPart: number;
  readonly memory: SettleMemory;
}

function settleChunk(chunk: readonly ElementGroup[], { known, slotPart, memory }: Settling): readonly ElementGroup[] {
  const groups = chunk.map((group) => {
    const before = known.get(group.owner);
    if (before === undefined) return group;
    if (before === group || memory.groups.get(group) === before) return before;
    const made = settleGroup(before, group, slotPart);
    memory.groups.set(group, made);
    return made;
  });
  const settled = sameElements(groups, chunk) ? chunk : groups;
  memory.chunks.set(chunk, settled);
  return settled;
}

/** `slotPart` is the index of the slot in the key. */
function settleGroup(last: ElementGroup, wanted: ElementGroup, slotPart: number): ElementGroup {
  const before = elementsByFrontend(last, slotPart);
  const elements = [...elementsByFrontend(wanted, slotPart)].flatMap(([frontend, list]) =>
    settleFrontend(before.get(frontend) ?? [], list, slotPart),
  );
  const isAsBefore =
    elements.length === last.elements.length &&
    elements.every((element, i) => isSameElement(element, last.elements[i] ?? element));
  return isAsBefore ? last : { owner: wanted.owner, elements };
}

function elementsByFrontend(group: ElementGroup, slotPart: number): ReadonlyMap<string, readonly Element[]> {
  const found = new Map<string, Element[]>();
  for (const element of group.elements) {
    const frontend = element.key.toSpliced(slotPart, 1).join(' ');
    const list = found.get(frontend);
    if (list === undefined) found.set(frontend, [element]);
    else list.push(element);
  }
  return found;
}

/** The wanted elements of one frontend, by slot. */
function settleFrontend(last: readonly Element[], wanted: readonly Element[], slotPart: number): readonly Element[] {
  const waiting = new Map<string, Element>();
  for (const element of wanted) waiting.set(destinationOf(element), element);
  const slots: (Element | undefined)[] = wanted.map(() => undefined);
  for (const element of last) {
    const slot = element.key[slotPart];
    if (typeof slot === 'number' && slot < slots.length && waiting.delete(destinationOf(element))) {
      slots[slot] = element;
    }
  }
  const others = waiting.values();
  return slots.map((kept, slot) => {
    if (kept !== undefined) return kept;
    const next = others.next();
    if (next.done === true) throw new Error('an endpoint has two slots of one frontend');
    return { ...next.value, key: next.value.key.with(slotPart, slot) };
  });
}

function destinationOf({ value }: Element): string {
  if (value === undefined) throw new Error('a slot without a destination');
  return valueText(value);
}
