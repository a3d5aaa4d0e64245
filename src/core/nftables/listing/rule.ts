/** A rule's words to a value. Whatever they are, there is one: what has no model is in it as words. */
import type { IpFamily } from '../../model/address.ts';
import { readQuoted } from '../parse/values.ts';
import { type RuleReader, readMatch } from './match.ts';
import type { ForeignMatch, ForeignRule, ForeignStatement } from './ruleset.ts';
import { readStatement } from './statement.ts';
import { splitWords, take, takeAs, type WordReader } from './tokens.ts';

interface OpenRule {
  readonly matches: ForeignMatch[];
  readonly statements: ForeignStatement[];
}

export function parseForeignRule(family: IpFamily, text: string, addSet: RuleReader['addSet']): ForeignRule {
  const words = splitWords(text);
  const { words: parts, comment } = takeComment(words);
  const open: OpenRule = { matches: [], statements: [] };
  const reader: RuleReader = { family, words: parts, at: 0, matches: open.matches, addSet };
  while (reader.at < parts.length) {
    const start = reader.at;
    if (readPart(reader, open)) continue;
    // Nobody knows where the part that is not understood ends.
    const opaque = { kind: 'opaque', words: parts.slice(start).join(' ') } as const;
    (open.statements.length > 0 ? open.statements : open.matches).push(opaque);
    break;
  }
  return { ...open, ...(comment === undefined ? {} : { comment }), text };
}

function takeComment(words: readonly string[]): { readonly words: readonly string[]; readonly comment?: string } {
  const comment = words.at(-2) === 'comment' ? readQuoted(words.at(-1) ?? '') : undefined;
  return comment === undefined ? { words } : { words: words.slice(0, -2), comment };
}

/** Takes one match or statement, or a counter, which says nothing about packets. */
function readPart(reader: RuleReader, { matches, statements }: OpenRule): boolean {
  if (take(reader, 'counter'))
    return !take(reader, 'packets') || (skipNumber(reader) && take(reader, 'bytes') && skipNumber(reader));
  const start = reader.at;
  const implied = matches.length;
  const statement = readStatement(reader);
  if (statement !== undefined) {
    statements.push(statement);
    return true;
  }
  reader.at = start;
  matches.length = implied;
  // A match after a statement has been carried out is not the same as one before it.
  const match = statements.length > 0 ? undefined : readMatch(reader);
  if (match !== undefined) matches.push(match);
  return match !== undefined;
}

function skipNumber(reader: WordReader): boolean {
  return takeAs(reader, (word) => (/^[0-9]+$/.test(word) ? true : undefined)) === true;
}
