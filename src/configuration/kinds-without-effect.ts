/** Kinds of values that are only checked: rulewright has no use for them, but a wrong one is wrong here too. */
import { isFields } from '../core/manifest/value.ts';
import type { Kind } from './kinds.ts';
import { type Parsed, splitList, unfit } from './parsed.ts';

function checkedText(pattern: RegExp, want: string): Kind<string> {
  const parse = (text: string): Parsed<string | undefined> => {
    if (text === '') return { value: undefined };
    return pattern.test(text) ? { value: text } : unfit(text, want);
  };
  return {
    parse,
    read: (json) => (typeof json === 'string' ? parse(json) : unfit(json, 'a text')),
    print: (value) => value,
  };
}

export const minorVersion = checkedText(/^\d{1,3}\.\d{1,3}$/, 'a minor version such as 1.35');

/** One port, `begin-end` or `begin+offset` (apimachinery ParsePortRange). */
export const portRange = checkedText(/^\d{1,5}(?:[-+]\d{1,5})?$/, 'a range of ports such as 300-2000');

const quantityText = checkedText(
  /^\d+(?:\.\d+)?(?:[mkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/,
  'a number of bytes such as 512, 1k or 2Ki',
);

/** A Kubernetes quantity may be a number, too. */
export const quantity: Kind<string> = {
  ...quantityText,
  read: (json) => quantityText.read(typeof json === 'number' ? String(json) : json),
};

export interface FileVerbosity {
  readonly filePattern: string;
  readonly verbosity: number;
}

/** `file=2,other*=5` as a flag. */
export const vmodule: Kind<readonly FileVerbosity[]> = {
  repeats: true,
  parse: (text) => checkAll(splitList(text).map(parsePair)),
  read: (json) => (Array.isArray(json) ? checkAll(json) : unfit(json, 'a list')),
  print: (items) => items,
};

function parsePair(text: string): unknown {
  const [, filePattern, verbosity] = /^([^=]+)=(\d{1,9})$/.exec(text) ?? [];
  return filePattern === undefined ? text : { filePattern, verbosity: Number(verbosity) };
}

function checkAll(items: readonly unknown[]): Parsed<readonly FileVerbosity[]> {
  const wrong = items.find((item) => !isFileVerbosity(item));
  return wrong === undefined
    ? { value: items.filter(isFileVerbosity) }
    : unfit(wrong, 'a pattern of file names and a number: pattern=N as a flag, filePattern and verbosity in the file');
}

function isFileVerbosity(item: unknown): item is FileVerbosity {
  if (!isFields(item) || Object.keys(item).some((key) => key !== 'filePattern' && key !== 'verbosity')) return false;
  const { filePattern, verbosity } = item;
  if (typeof filePattern !== 'string' || filePattern === '' || /[=,]/.test(filePattern)) return false;
  return Number.isInteger(verbosity) && Number(verbosity) >= 0;
}
