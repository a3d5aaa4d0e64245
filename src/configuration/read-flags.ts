/** From the texts of flags to the fields they set. */
import { parseIpAddress } from '../core/model/address.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { type FieldPath, fieldAt, type GivenFields } from './fields.ts';
import { type Flag, fieldOf, flags } from './flags.ts';
import type { HostPort } from './host-port.ts';
import { type Unfit, unfit } from './parsed.ts';
import { parseMode } from './values.ts';

/** What was given of each flag, by its name without dashes, in order; a bare boolean is the text `true`. */
export type FlagTexts = ReadonlyMap<string, readonly string[]>;

export interface FlagFlaw extends Unfit {
  /** With dashes. */
  readonly flag: string;
}

export interface ReadFlags {
  readonly given: GivenFields;
  readonly flaws: readonly FlagFlaw[];
  /** The flag that set a field, with dashes. */
  readonly flagOf: (path: FieldPath) => string;
}

/** `--cluster-cidr`, `-v` */
export function flagText({ name }: Pick<Flag, 'name'>): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** The last text that was given; undefined when there is none. */
export function lastText(texts: FlagTexts, name: string): string | undefined {
  return texts.get(name)?.at(-1);
}

/**
 * Reads the flags that set fields. `mode`: the one that counts, where that is not --proxy-mode's. An empty text is as
 * good as none, except that an empty --metrics-bind-address means that there is no such server.
 */
export function readFlags(texts: FlagTexts, mode?: ProxyMode): ReadFlags {
  const parsedMode = parseMode(lastText(texts, 'proxy-mode') || 'iptables');
  const modeInUse = mode ?? ('value' in parsedMode ? parsedMode.value : undefined) ?? 'iptables';
  const values: Partial<Record<FieldPath, unknown>> = {};
  const flaws: FlagFlaw[] = [];
  const names = new Map<FieldPath, string>();
  for (const flag of flags) {
    const given = texts.get(flag.name);
    const path = fieldOf(flag, modeInUse);
    if (path === undefined) continue;
    names.set(path, flagText(flag));
    if (given === undefined) continue;
    const { kind } = fieldAt(path);
    const parsed = kind.parse(kind.repeats ? given.join(',') : (given.at(-1) ?? ''));
    if ('want' in parsed) flaws.push({ flag: flagText(flag), ...parsed });
    else if (parsed.value !== undefined) values[path] = parsed.value;
  }
  if (mode !== undefined) values.mode = mode;
  for (const server of ['healthz', 'metrics'] as const) {
    const address = readServer(server, texts);
    if (address !== undefined && 'want' in address) flaws.push(address);
    else if (address !== undefined) values[`${server}BindAddress`] = address.value;
  }
  // Each value came out of the kind of its path.
  return { given: values as GivenFields, flaws, flagOf: (path) => names.get(path) ?? path };
}

type Server = 'healthz' | 'metrics';

/** Where a server listens, if an empty address or the deprecated flag of its port has a say in that. */
function readServer(server: Server, texts: FlagTexts): { readonly value: HostPort | null } | FlagFlaw | undefined {
  const address = lastText(texts, `${server}-bind-address`) ?? '';
  const portText = lastText(texts, `${server}-port`) ?? '';
  if (server === 'metrics' && address === '' && texts.has('metrics-bind-address')) return { value: null };
  if (portText === '') return undefined;
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (port === 0) return { value: null };
  const host = parseIpAddress(address);
  if (port <= 65535) return host === undefined ? undefined : { value: { host, port } };
  return { flag: `--${server}-port`, ...unfit(portText, 'a port, 1 to 65535, or 0 for no such server') };
}

/** kube-proxy adds this port to an address that has none, and its default address has one: alone it does nothing. */
export function portCounts(server: Server, texts: FlagTexts): boolean {
  return (
    Number(lastText(texts, `${server}-port`)) === 0 ||
    parseIpAddress(lastText(texts, `${server}-bind-address`) ?? '') !== undefined
  );
}
