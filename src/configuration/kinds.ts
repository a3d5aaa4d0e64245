/** The kinds of values that settings have, each in three forms: text of a flag, JSON of the file, and the value. */
import { isFields } from '../core/manifest/value.ts';
import type { Cidr, IpAddress } from '../core/model/address.ts';
import type { NodePortAddresses } from '../core/model/config.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { formatListenAddress, type HostPort, parseHostPort } from './host-port.ts';
import { type Parsed, splitList, unfit } from './parsed.ts';
import * as values from './values.ts';

/**
 * A value of undefined: as if nothing had been given. Methods, not functions in properties, so that a table may hold
 * kinds of different types.
 */
export interface Kind<T> {
  /** From the text of a flag; several texts of one flag are joined with commas where `repeats` says so. */
  parse(text: string): Parsed<T | undefined>;
  /** From what the file has, never null or undefined. */
  read(json: unknown): Parsed<T | undefined>;
  /** As the file has it. */
  print(value: T): unknown;
  /** Whether several texts of one flag add up; else the last one counts. */
  readonly repeats?: true;
}

/** Text in the file, too. The empty text is as good as none. */
function ofText<T>(parse: (text: string) => Parsed<T | undefined>, print: (value: T) => unknown = String): Kind<T> {
  const parseText = (text: string): Parsed<T | undefined> => (text === '' ? { value: undefined } : parse(text));
  return {
    parse: parseText,
    read(json) {
      if (typeof json === 'string') return parseText(json);
      // Numbers are the likely mistake, and their text says what is wanted: 30 is no duration, 30s is.
      const asText = parseText(typeof json === 'number' ? String(json) : '');
      return unfit(json, 'want' in asText ? asText.want : 'a text, in quotes');
    },
    print,
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Zero means that nothing is said, as in Go, where the two cannot be told apart. */
  readonly zeroIsAbsent?: true;
  readonly fraction?: true;
}

function ofNumber(want: string, { min, max, zeroIsAbsent, fraction }: Bounds): Kind<number> {
  const check = (number: number, got: unknown): Parsed<number> => {
    const fits = number >= min && number <= max && (fraction || Number.isInteger(number));
    // `+ 0` turns -0 into 0.
    return fits ? { value: number + 0 } : unfit(got, want);
  };
  return {
    parse(text) {
      if (text === '' || (text === '0' && zeroIsAbsent)) return { value: undefined };
      return check(/^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN, text);
    },
    read(json) {
      if (json === 0 && zeroIsAbsent) return { value: undefined };
      return typeof json === 'number' ? check(json, json) : unfit(json, want);
    },
    print: (value) => value,
  };
}

const maxInt32 = 2 ** 31 - 1;

export const text: Kind<string> = ofText((given) => ({ value: given }));

export const boolean: Kind<boolean> = {
  ...ofText(values.parseBoolean),
  read: (json) => (typeof json === 'boolean' ? { value: json } : unfit(json, 'true or false')),
  print: (value) => value,
};

export const mode = ofText(values.parseMode);
export const address: Kind<IpAddress> = ofText(values.parseAddress);
export const bridge = ofText(values.parseBridge);
export const interfacePrefix = ofText(values.parseInterfacePrefix);
export const nodeName = ofText(values.parseNodeName);

export const masqueradeBit = ofNumber('the number of a bit, 0 to 31', { min: 0, max: 31 });
export const oomScoreAdj = ofNumber('a whole number, -1000 to 1000', { min: -1000, max: 1000 });
export const count = ofNumber(`a whole number, 0 to ${maxInt32}`, { min: 0, max: maxInt32 });
export const burst = ofNumber(`a whole number, 1 to ${maxInt32}`, { min: 1, max: maxInt32, zeroIsAbsent: true });
export const frontendCount = ofNumber('a whole number, 1 to 1000000', { min: 1, max: 1_000_000 });
export const rate = ofNumber('a number of requests a second, greater than 0', {
  min: Number.MIN_VALUE,
  max: 1e9,
  zeroIsAbsent: true,
  fraction: true,
});

const durationForm = 'a duration such as 30s, 1m or 2h22m';

/** Milliseconds; zero is a value. */
export const timeout: Kind<number> = ofText((given) => {
  const ms = parseDuration(given);
  return ms === undefined || ms < 0 ? unfit(given, `${durationForm}, or 0s`) : { value: ms };
}, formatDuration);

/** Milliseconds, greater than zero. Zero in the file means that nothing is said, as in kube-proxy. */
export const period: Kind<number> = {
  ...timeout,
  parse(given) {
    const parsed = timeout.parse(given);
    return 'want' in parsed || parsed.value === 0 ? unfit(given, `${durationForm}, greater than 0`) : parsed;
  },
  read(json) {
    const parsed = timeout.read(json);
    return 'value' in parsed && parsed.value === 0 ? { value: undefined } : parsed;
  },
};

/** Milliseconds; in the file a number is nanoseconds (component-base TimeOrMetaDuration). */
export const flushFrequency: Kind<number> = {
  ...timeout,
  read: (json) => (typeof json === 'number' && json >= 0 ? { value: json / 1e6 || undefined } : period.read(json)),
};

export function choice<const T extends string>(choices: readonly T[]): Kind<T> {
  return ofText((given) => values.parseChoice(given, choices));
}

/** `null`: no server, which only a flag can say. */
export function listenAddress(defaultPort: number): Kind<HostPort | null> {
  return ofText<HostPort | null>(
    (given) => {
      const parsed = parseHostPort(given, defaultPort);
      return parsed === undefined
        ? unfit(given, `an IP address and port such as 0.0.0.0:${defaultPort} or [::]:${defaultPort}`)
        : { value: parsed };
    },
    (value) => (value === null ? '' : formatListenAddress(value)),
  );
}

export const clusterCidrs: Kind<readonly Cidr[]> = ofText(values.parseClusterCidrs, (cidrs) => cidrs.join(','));

/** A list of texts in the file, a list with commas as a flag. */
function ofList<T>(parse: (items: readonly string[]) => Parsed<T | undefined>, print: (value: T) => unknown): Kind<T> {
  return {
    repeats: true,
    parse: (given) => parse(splitList(given)),
    read(json) {
      if (!Array.isArray(json)) return unfit(json, 'a list of texts');
      const items: readonly unknown[] = json;
      const wrong = items.find((item) => typeof item !== 'string');
      return wrong === undefined ? parse(items.map(String)) : unfit(wrong, 'a text');
    },
    print,
  };
}

export const nodePortAddresses: Kind<NodePortAddresses> = ofList(values.parseNodePortAddresses, (addresses) =>
  addresses.kind === 'primary' ? ['primary'] : addresses.cidrs,
);

export const cidrList: Kind<readonly Cidr[]> = ofList(
  (items) => {
    const cidrs = values.parseCidrs(items, 'a CIDR block such as 10.0.0.0/8');
    return 'want' in cidrs ? cidrs : { value: cidrs };
  },
  (cidrs) => cidrs,
);

/** `22,10250` as a flag. */
export const ports: Kind<readonly number[]> = ofList(
  (items) => {
    if (items.length === 0) return { value: undefined };
    const wrong = items.find((item) => !/^[1-9]\d{0,4}$/.test(item) || Number(item) > 65_535);
    return wrong === undefined ? { value: items.map(Number) } : unfit(wrong, 'ports such as 22,10250');
  },
  (list) => list,
);

export const featureGates: Kind<Readonly<Record<string, boolean>>> = {
  repeats: true,
  parse: values.parseFeatureGates,
  read(json) {
    if (!isFields(json)) return unfit(json, 'an object of gates such as SomeGate: true');
    for (const [name, setting] of Object.entries(json)) {
      if (!/^[A-Za-z]\w*$/.test(name)) return unfit(name, 'the name of a feature gate');
      if (typeof setting !== 'boolean') return unfit(setting, `true or false for ${name}`);
    }
    return { value: json as Readonly<Record<string, boolean>> };
  },
  print: (gates) => gates,
};

// rulewright has no use for what follows, but a wrong value is wrong here too.

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
