/** Splits an nft listing (`list ruleset`, `list table`) into tables, blocks and lines, before words are parsed. */
import { withoutHandle } from './tokens.ts';

/** A line of a block. */
export interface TextLine {
  /** Where it starts, from 1. */
  readonly line: number;
  /** Without handle. The contents of braces are joined into it, from any number of lines. */
  readonly text: string;
}

/** `chain NAME { … }`, `set NAME { … }`, or of another kind. */
export interface TextBlock {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  readonly lines: readonly TextLine[];
  /** The line of its closing brace; absent if the listing ends before it. */
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

/** A line outside every block of a table. */
export interface StrayLine extends TextLine {
  /**
   * `attribute`: a table's comment or flags, which do not affect packets; `open`: the first line of a block or
   * table without its closing brace; `unknown`: any other.
   */
  readonly kind: 'attribute' | 'open' | 'unknown';
  /** The table that it is in, as in `ip rulewright`; absent outside every table. */
  readonly table?: string;
}

/** A whole listing. */
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

/** Splits a listing into its tables. Never throws; skips empty lines and comments. */
export function readTables(text: string): TextTables {
  const reader: LineReader = { lines: text.split('\n'), at: 0, strays: [] };
  const tables: TextTable[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    // Commands before the tables of a script, which replace existing tables.
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

/** Elements may span many lines. */
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

/** The number of opened minus closed braces, without those in quotes. */
function braceDepth(text: string): number {
  if (!/[{}]/.test(text)) return 0;
  let depth = 0;
  for (const char of text.replace(/"[^"]*"/g, '')) depth += char === '{' ? 1 : char === '}' ? -1 : 0;
  return depth;
}
