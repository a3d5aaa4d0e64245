/** A listing of nft (`list ruleset`, `list table`) cut into tables, blocks and lines; what they mean is not asked. */
import { withoutHandle } from './tokens.ts';

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
}

export interface TextTable {
  /** `ip`, `ip6`, `inet`, … */
  readonly family: string;
  readonly name: string;
  readonly line: number;
  readonly blocks: readonly TextBlock[];
}

export interface TextTables {
  readonly tables: readonly TextTable[];
  /** Lines outside of every table, and blocks that never end. */
  readonly strays: readonly TextLine[];
}

interface Reader {
  readonly lines: readonly string[];
  /** The line that comes next, from 0. */
  at: number;
  readonly strays: TextLine[];
}

/** Never throws; empty lines and comments are left out. */
export function readTables(text: string): TextTables {
  const reader: Reader = { lines: text.split('\n'), at: 0, strays: [] };
  const tables: TextTable[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    // Before the tables of a script: what was there goes.
    if (/^(?:add|flush|delete) table \S+ \S+$/.test(line.text)) continue;
    const [, family = '', name = ''] = /^table (\S+) (\S+) \{$/.exec(line.text) ?? [];
    if (family === '') reader.strays.push(line);
    else tables.push({ family, name, line: line.line, blocks: readBlocks(reader, line) });
  }
  return { tables, strays: reader.strays };
}

/** The blocks of a table up to its closing brace. Its own comment and flags say nothing about packets. */
function readBlocks(reader: Reader, table: TextLine): readonly TextBlock[] {
  const blocks: TextBlock[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (line.text === '}') return blocks;
    const [, kind = '', name = ''] = /^((?:ct )?\S+) (\S+) \{$/.exec(line.text) ?? [];
    if (kind !== '') blocks.push({ kind, name, line: line.line, lines: readBlock(reader, line) });
    else if (!/^(comment|flags) /.test(line.text)) reader.strays.push(line);
  }
  reader.strays.push(table);
  return blocks;
}

function readBlock(reader: Reader, block: TextLine): readonly TextLine[] {
  const lines: TextLine[] = [];
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (line.text === '}') return lines;
    lines.push(closeBraces(reader, line));
  }
  reader.strays.push(block);
  return lines;
}

function nextLine(reader: Reader): TextLine | undefined {
  while (reader.at < reader.lines.length) {
    reader.at += 1;
    const text = withoutHandle(reader.lines[reader.at - 1] ?? '');
    if (text !== '' && !text.startsWith('#')) return { line: reader.at, text };
  }
  return undefined;
}

/** Elements go on over many lines. */
function closeBraces(reader: Reader, start: TextLine): TextLine {
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

/** How many braces are opened and not closed, those in quotes aside. */
function braceDepth(text: string): number {
  if (!/[{}]/.test(text)) return 0;
  let depth = 0;
  for (const char of text.replace(/"[^"]*"/g, '')) depth += char === '{' ? 1 : char === '}' ? -1 : 0;
  return depth;
}
