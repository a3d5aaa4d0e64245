/** Finds overlapping blocks, which nft refuses. */

import type { Cidr } from '../../model/address.ts';
import { addressBits, type IpAddress } from '../../model/address.ts';
import { cidrsOverlap, hostCidr, parseCidr } from '../../model/cidr.ts';
import { compareText } from '../../structures/compare-text.ts';
import type { ElementGroup } from '../ruleset.ts';

/** Two elements whose keys share an address in the last part and are equal before it; as text. */
export function findOverlap(groups: readonly ElementGroup[]): string | undefined {
  const byRest = new Map<string, Cidr[]>();
  for (const { elements } of groups) {
    for (const { key } of elements) {
      const block = blockOf(String(key.at(-1)));
      const rest = key.slice(0, -1).join(' . ');
      const blocks = byRest.get(rest);
      if (block === undefined) continue;
      if (blocks === undefined) byRest.set(rest, [block]);
      else blocks.push(block);
    }
  }
  for (const [rest, blocks] of byRest) {
    const pair = findPair(blocks);
    if (pair !== undefined) return `${rest === '' ? '' : `${rest}: `}${pair.join(' and ')} overlap`;
  }
  return undefined;
}

/** In the order of their first addresses, wider before narrower, one that overlaps any overlaps the one before it. */
function findPair(blocks: readonly Cidr[]): readonly [Cidr, Cidr] | undefined {
  const sorted = blocks
    .map((block) => ({ block, sortKey: sortKeyOf(block) }))
    .sort((a, b) => compareText(a.sortKey, b.sortKey));
  for (const [i, { block }] of sorted.entries()) {
    const before = sorted[i - 1]?.block;
    if (before !== undefined && cidrsOverlap(before, block)) return [before, block];
  }
  return undefined;
}

function sortKeyOf(block: Cidr): string {
  const [address = '', length = ''] = block.split('/');
  return `${addressBits(address as IpAddress)
    .toString(16)
    .padStart(32, '0')}/${length.padStart(3, '0')}`;
}

/** The block; undefined for ports and protocols, which cannot overlap without being the same. */
function blockOf(text: string): Cidr | undefined {
  if (!/[.:]/.test(text)) return undefined;
  return parseCidr(text.includes('/') ? text : hostCidr(text as IpAddress));
}
