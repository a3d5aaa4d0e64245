/** The flags of `verify`, those of `compile` among them. */
import type { IptablesLayout, ProxyMode } from '../../core/model/config.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';
import type { Source } from '../../documents/source.ts';
import { type FlagsRead, flagReader, oneOf, refusal } from '../flags/reading.ts';
import { type CompileSettings, readCompileFlags } from '../flags/settings.ts';
import type { GivenFlags } from '../flags/table.ts';

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

/** Reads all flags. `dumped`: the mode of the dump, which must be that of the rules it is compared with. */
export function readVerifyFlags(
  given: GivenFlags,
  dumped: ProxyMode | undefined,
  config?: Source,
): FlagsRead<VerifySettings> {
  const { errors, read } = flagReader(given);
  errors.push(...conflicts(given, dumped));
  const output = read('output', oneOf('text', 'json'), 'text');
  const named = (given.against ?? []).map((name) => backends.find((each) => each.name === name) ?? name);
  const unknown = named.filter((each) => typeof each === 'string');
  errors.push(...unknown.map((name) => refusal('--against', name, 'iptables, iptables-kube-proxy or nftables')));
  const { output: _, mode = dumped, ...others } = given;
  const readFor = (over: GivenFlags): CompileSettings | undefined => {
    // Both families, as for JSON, unless the flags say which.
    const result = readCompileFlags({ ...others, ...over, output: 'json' }, { config });
    if ('settings' in result) return result.settings;
    errors.push(...result.errors);
    return undefined;
  };
  const first = readFor(mode === undefined ? {} : { mode });
  if (first === undefined || errors.length > 0) return { errors };
  const own = backends.find((each) => each.mode === first.node.mode && each.layout === first.node.layout);
  const all = given.allBackends === true ? backends : [own, ...named].filter((each) => typeof each === 'object');
  const runs = [...new Set(all)].flatMap((backend) => {
    const settings = readFor({ mode: backend.mode, proxyMode: '', layout: backend.layout });
    return settings === undefined ? [] : [{ backend, settings }];
  });
  const acceptsDeviations = given.acceptDeviations ?? false;
  return { settings: { runs, output, familiesChosen: Boolean(given.ipFamily), acceptsDeviations } };
}

function conflicts({ dump, filename = [], mode, against, allBackends }: GivenFlags, dumped?: ProxyMode): string[] {
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
