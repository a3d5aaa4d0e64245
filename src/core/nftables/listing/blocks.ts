/** A listing of nft (`list ruleset`, `list table`) cut into tables, blocks and lines, before their words are read. */
import { withoutHandle } from './tokens.ts';

/** A line of a block. */
export interface TextLine {
  /** Where it starts, from 1. */
  readonly line: number;
  /** Without handle. What a brace holds is on it, however many lines that took. */
  readonly text: string;
}

/** `chain NAME { … }`, `set NAME { … }`, or of another kind. */
export interface TextBlock {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  readonly lines: readonly TextLine[];
  /** The line of its closing brace; absent where the listing ends before that. */
  readonly end?: number;
}

/** `table FAMILY NAME { … }`. */
export interface TextTable {
  /** `ip`, `ip6`, `inet`, … */
  readonly family: string;
  readonly name: string;
  readonly line: number;
  readonly blocks: readonly TextBlock[];
}

/** A line that is in no block of a table. */
export interface StrayLine extends TextLine {
  /**
   * `attribute`: a table's own comment or flags, which say nothing about packets; `open`: the first line of a block or
   * table that never ends; `unknown`: any other.
   */
  readonly kind: 'attribute' | 'open' | 'unknown';
  /** The table that it is in, as in `ip rulewright`; absent outside of every table. */
  readonly table?: string;
}

/** All of a listing. */
export interface TextTables {
  readonly tables: readonly TextTable[];
  readonly strays: readonly StrayLine[];
}

interface LineReader {
  readonly lines: readonly string[];
  /** The line that comes next, from 0. */
  at: number;
  readonly strays: StrayLine[];
}

/** Cuts a listing into its tables. Never throws; empty lines and comments are left out. */
export function readTables(text: string): TextTables {
  const reader: LineReader = { lines: text.split('\n'), at: 0, strays: [] };
  const tables: TextTable[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    // Before the tables of a script, which replace those that are there.
    if (/^(?:add|flush|delete) table \S+ \S+$/.test(line.text)) continue;
    const [, family = '', name = ''] = /^table (\S+) (\S+) \{$/.exec(line.text) ?? [];
    if (family === '') reader.strays.push({ ...line, kind: 'unknown' });
    else tables.push({ family, name, line: line.line, blocks: readBlocks(reader, line, `${family} ${name}`) });
  }
  return { tables, strays: reader.strays };
}

/** The blocks of a table up to its closing brace. */
function readBlocks(reader: LineReader, head: TextLine, table: string): readonly TextBlock[] {
  const blocks: TextBlock[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (line.text === '}') return blocks;
    const [, kind = '', name = ''] = /^((?:ct )?\S+) (\S+) \{$/.exec(line.text) ?? [];
    if (kind !== '') blocks.push({ kind, name, line: line.line, ...readBlock(reader, line, table) });
    else reader.strays.push({ ...line, kind: /^(?:comment|flags) /.test(line.text) ? 'attribute' : 'unknown', table });
  }
  reader.strays.push({ ...head, kind: 'open', table });
  return blocks;
}

function readBlock(reader: LineReader, head: TextLine, table: string): Pick<TextBlock, 'lines' | 'end'> {
  const lines: TextLine[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (line.text === '}') return { lines, end: line.line };
    lines.push(closeBraces(reader, line));
  }
  reader.strays.push({ ...head, kind: 'open', table });
  return { lines };
}

function nextLine(reader: LineReader): TextLine | undefined {
  while (reader.at < reader.lines.length) {
    reader.at += 1;
    const text = withoutHandle(reader.lines[reader.at - 1] ?? '');
    if (text !== '' && !text.startsWith('#')) return { line: reader.at, text };
  }
  return undefined;
}

/** Elements go on over many lines. */
function closeBraces(reader: LineReader, start: TextLine): TextLine {
  let depth = braceDepth(start.text);
  if (depth <= 0) return start;
  const parts = [start.text];
  while (depth > 0) {
    const line = nextLine(reader);
    if (line === undefined) break;
    parts.push(line.text);
    depth += braceDepth(line.text);
  }
  return { line: start.line, text: parts.join(' ') };
}

/** How many more braces are opened than closed, those in quotes aside. */
function braceDepth(text: string): number {
  if (!/[{}]/.test(text)) return 0;
  let depth = 0;
  for (const char of text.replace(/"[^"]*"/g, '')) depth += char === '{' ? 1 : char === '}' ? -1 : 0;
  return depth;
}
