/** The block of a set or map to a value. */
import type { IpFamily } from '../../model/address.ts';
import { type OpenSet, takeSetLine } from '../parse/set.ts';
import type { TextBlock } from './blocks.ts';
import { type ReadElements, readElements } from './elements.ts';
import type { ForeignSet } from './ruleset.ts';
import { splitWords } from './tokens.ts';

/** Lines that say nothing about packets. */
const silent = /^(?:comment|size|gc-interval|policy|counter|auto-merge)\b/;

/** The set; without its keys, and partial, where its type is not one that our look-ups know. */
export function parseForeignSet(family: IpFamily, { kind, name, lines }: TextBlock): ForeignSet {
  const open: OpenSet = { name, isMap: kind === 'map', elements: [] };
  let isPartial = false;
  let elementsText = '';
  for (const { text } of lines) {
    if (text.startsWith('elements = ')) elementsText = text.slice('elements = '.length);
    else if (!silent.test(text)) isPartial = takeSetLine(open, family, usableFlags(text)) !== undefined || isPartial;
  }
  const { key = [], value, protocol, isInterval, timeoutSeconds } = open;
  const isUsable = key.length > 0 && open.isMap === (value !== undefined);
  const { elements, learned, strays } = isUsable ? readAll(family, open, elementsText) : nothing;
  return {
    name,
    key,
    ...(value === undefined ? {} : { value }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(isInterval === undefined ? {} : { isInterval }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    groups: elements.length === 0 ? [] : [[{ owner: '', elements }]],
    ...(learned.length === 0 ? {} : { learned }),
    ...(isPartial || !isUsable || strays.length > 0 ? { isPartial: true } : {}),
  };
}

const nothing: ReadElements = { elements: [], learned: [], strays: [] };

function readAll(family: IpFamily, { key = [], value }: OpenSet, text: string): ReadElements {
  if (text === '') return nothing;
  const read = readElements({ words: splitWords(text), at: 0 }, { family, key, value });
  return read ?? { ...nothing, strays: [text] };
}

/** Without the flag that forbids changes, which says nothing about packets. */
function usableFlags(text: string): string {
  return text.startsWith('flags ')
    ? text.replace(/(?:,?\s*constant\b)/, '').replace(/^flags\s*,?\s*$/, 'flags timeout')
    : text;
}
