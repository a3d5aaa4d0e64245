/** What the words of a target say. */
import type { IpFamily } from '../../model/address.ts';
import { verdicts } from '../options.ts';
import type { IptablesTarget } from '../ruleset.ts';
import { isWord } from '../words.ts';
import type { RulePart, RuleWords } from './rule-words.ts';
import { parseDestination, parseMarkAndMask, parseUnsigned } from './values.ts';

/** The target; as its words when it has an option or value that the model lacks. */
export function parseTarget(family: IpFamily, { via, part }: NonNullable<RuleWords['target']>): IptablesTarget {
  const opaque = (): IptablesTarget => ({ kind: 'opaque', words: [part.name, ...part.words] });
  if (via === 'goto') return part.words.length > 0 ? opaque() : { kind: 'goto', chain: part.name };
  if (!part.isUnderstood || part.uses.some(({ negated }) => negated)) return opaque();
  switch (part.name) {
    case 'REJECT':
      return parseReject(family, part) ?? opaque();
    case 'DNAT':
      return parseDnat(family, part) ?? opaque();
    case 'MASQUERADE':
      return parseMasquerade(part) ?? opaque();
    case 'MARK':
      return parseMark(part) ?? opaque();
    default: {
      const kind = verdicts.get(part.name);
      return kind === undefined ? { kind: 'jump', chain: part.name } : { kind };
    }
  }
}

/** What REJECT sends when nothing is said (libipt_REJECT.c, libip6t_REJECT.c). */
const defaultRejects: Readonly<Record<IpFamily, string>> = {
  IPv4: 'icmp-port-unreachable',
  IPv6: 'icmp6-port-unreachable',
};

function parseReject(family: IpFamily, { uses }: RulePart): IptablesTarget | undefined {
  const type = uses[0]?.values[0] ?? defaultRejects[family];
  return uses.length < 2 && isWord('reject type', type) ? { kind: 'reject', with: type } : undefined;
}

function parseDnat(family: IpFamily, { uses }: RulePart): IptablesTarget | undefined {
  const [use, ...rest] = uses;
  if (use?.option !== '--to-destination' || rest.length > 0) return undefined;
  const destination = parseDestination(family, use.values[0] ?? '');
  return destination === undefined ? undefined : { kind: 'dnat', ...destination };
}

function parseMasquerade({ uses }: RulePart): IptablesTarget | undefined {
  const isKnown = uses.length < 2 && uses.every(({ option }) => option === '--random-fully');
  return isKnown ? { kind: 'masquerade', randomFully: uses.length > 0 } : undefined;
}

function parseMark({ uses }: RulePart): IptablesTarget | undefined {
  const [use, ...rest] = uses;
  if (use === undefined || rest.length > 0) return undefined;
  const change = markChange(use.option, use.values[0] ?? '');
  return change === undefined ? undefined : { kind: 'mark', ...change };
}

/** Every form as the kernel's one: clear the bits of `mask`, XOR `mark` in (libxt_MARK.c, mark_tg_parse). */
function markChange(option: string, text: string): { readonly mark: number; readonly mask: number } | undefined {
  if (option === '--set-xmark' || option === '--set-mark') {
    const value = parseMarkAndMask(text);
    if (value === undefined) return undefined;
    const { mark, mask = 0xffffffff } = value;
    return { mark, mask: option === '--set-mark' ? (mark | mask) >>> 0 : mask };
  }
  const bits = parseUnsigned(text);
  if (bits === undefined) return undefined;
  switch (option) {
    case '--and-mark':
      return { mark: 0, mask: ~bits >>> 0 };
    case '--or-mark':
      return { mark: bits, mask: bits };
    case '--xor-mark':
      return { mark: bits, mask: 0 };
    default:
      return undefined;
  }
}
