/** The flags that `verify` has besides those of `compile`. */
import type { IptablesLayout, ProxyMode } from '../../core/model/config.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';
import { optional, type Reading, takeInto } from '../flags/reading.ts';
import { type CompileSettings, type GivenFlags, readFlags } from '../flags/settings.ts';
import { readChoice } from '../flags/values.ts';

export interface VerifyFlags extends GivenFlags {
  readonly dump?: string;
  readonly against?: readonly string[];
  readonly allBackends?: true;
  readonly acceptDeviations?: true;
}

/** A way to make rules of Services. */
export interface Backend {
  readonly name: 'iptables' | 'iptables-kube-proxy' | 'nftables';
  readonly mode: ProxyMode;
  readonly layout: IptablesLayout;
}

const backends: readonly Backend[] = [
  { name: 'iptables', mode: 'iptables', layout: 'fast' },
  { name: 'iptables-kube-proxy', mode: 'iptables', layout: 'kube-proxy' },
  { name: 'nftables', mode: 'nftables', layout: 'fast' },
];

export interface VerifySettings {
  /** One for each backend that is verified, the one that the flags are about first. */
  readonly runs: readonly { readonly backend: Backend; readonly settings: CompileSettings }[];
  /** Whether --ip-family says which. */
  readonly familiesChosen: boolean;
  readonly output: 'text' | 'json';
  readonly acceptsDeviations: boolean;
}

/** Reads all flags. `dumped` is the mode of the dump, if there is one: what else it is held against must be of that. */
export function readVerifyFlags(
  given: VerifyFlags,
  dumped: ProxyMode | undefined,
): VerifySettings | { readonly errors: readonly string[] } {
  const errors = conflicts(given, dumped);
  const take = takeInto(errors);
  const output = take(optional('--output', given.output, readOutput), 'text');
  const named = (given.against ?? []).map((name) => take(readBackend('--against', name), backends[0] as Backend));
  const { output: _, mode = dumped, ...others } = given;
  const read = (over: GivenFlags): CompileSettings | undefined => {
    // Both families, as for JSON, unless the flags say which.
    const result = readFlags({ ...others, ...over, output: 'json' });
    if ('settings' in result) return result.settings;
    errors.push(...result.errors);
    return undefined;
  };
  const first = read(mode === undefined ? {} : { mode });
  if (first === undefined || errors.length > 0) return { errors };
  const own = backends.find((each) => each.mode === first.node.mode && each.layout === first.node.layout);
  const all = given.allBackends === true ? backends : [...(own === undefined ? [] : [own]), ...named];
  const runs = [...new Set(all)].flatMap((backend) => {
    const settings = read({ mode: backend.mode, proxyMode: '', layout: backend.layout });
    return settings === undefined ? [] : [{ backend, settings }];
  });
  return { runs, output, familiesChosen: Boolean(given.ipFamily), acceptsDeviations: given.acceptDeviations ?? false };
}

function conflicts({ dump, filename = [], mode, against, allBackends }: VerifyFlags, dumped?: ProxyMode): string[] {
  const errors: string[] = [];
  if (dump === '-' && filename.includes('-')) errors.push('--dump: got - (stdin), which --filename reads already');
  if (dump !== undefined && (against !== undefined || allBackends === true)) {
    errors.push('--dump: a dump is held against the Services alone, want it without --against and --all-backends');
  }
  if (dumped !== undefined && mode !== undefined && mode !== dumped) {
    errors.push(`--mode: got ${terminalQuote(mode)}, but the dump is one of ${dumped}`);
  }
  return errors;
}

const readOutput = (flag: string, text: string) => readChoice(flag, text, ['text', 'json'] as const);

function readBackend(flag: string, text: string): Reading<Backend> {
  const choice = readChoice(flag, text, ['iptables', 'iptables-kube-proxy', 'nftables'] as const);
  if ('error' in choice) return choice;
  const found = backends.find(({ name }) => name === choice.value);
  return found === undefined ? { error: `${flag}: no such backend` } : { value: found };
}
