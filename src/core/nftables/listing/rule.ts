/** Parses a rule. Every text gives a value: unsupported words are kept in it as words. */
import type { IpFamily } from '../../model/address.ts';
import type { RuleReader } from './key.ts';
import { readMatch } from './match.ts';
import type { ForeignRule } from './ruleset.ts';
import { readStatement } from './statement.ts';
import { splitWords, take, takeAs, type WordReader } from './tokens.ts';
import { readQuoted } from './values.ts';

/** A rule whose parts `takePart` will read. Its comment, which comes last, is not among the words. */
export interface OpenRule extends RuleReader {
  readonly comment: string | undefined;
}

/** The rule with none of its parts read yet. */
export function openRule(family: IpFamily, text: string, addSet: RuleReader['addSet']): OpenRule {
  const words = splitWords(text);
  const comment = words.at(-2) === 'comment' ? readQuoted(words.at(-1) ?? '') : undefined;
  const parts = comment === undefined ? words : words.slice(0, -2);
  return { family, words: parts, at: 0, comment, matches: [], statements: [], addSet, isLoose: false };
}

/** Reads a rule of any program. */
export function parseRule(family: IpFamily, text: string, addSet: RuleReader['addSet']): ForeignRule {
  const open = openRule(family, text, addSet);
  const { words, comment, matches, statements } = open;
  while (open.at < words.length) {
    const start = open.at;
    if (takePart(open)) continue;
    // The end of the unsupported part is unknown.
    const opaque = { kind: 'opaque', words: words.slice(start).join(' ') } as const;
    (statements.length > 0 ? statements : matches).push(opaque);
    break;
  }
  return { matches, statements, ...(comment === undefined ? {} : { comment }), text };
}

/** Takes one match, statement or counter (which does not affect packets); false if there is none. */
export function takePart(reader: RuleReader): boolean {
  const { matches, statements } = reader;
  if (take(reader, 'counter')) {
    return !take(reader, 'packets') || (skipNumber(reader) && take(reader, 'bytes') && skipNumber(reader));
  }
  const start = reader.at;
  const implied = matches.length;
  const statement = readStatement(reader);
  if (statement !== undefined) {
    statements.push(statement);
    return true;
  }
  reader.at = start;
  matches.length = implied;
  // A match after a statement differs from one before it.
  const match = statements.length > 0 ? undefined : readMatch(reader);
  if (match !== undefined) matches.push(match);
  return match !== undefined;
}

function skipNumber(reader: WordReader): boolean {
  return takeAs(reader, (word) => (/^[0-9]+$/.test(word) ? true : undefined)) === true;
}
