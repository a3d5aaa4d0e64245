/** The rules of a dump, by family. */
import { type Dump, readDump, recogniseDump } from '../../core/explain/dump/dump.ts';
import type { Unclear } from '../../core/explain/explanation.ts';
import { type IpFamily, ipFamilies } from '../../core/model/address.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { Finding } from '../../documents/finding.ts';
import { fileDiagnostic } from '../../documents/finding.ts';
import { readInputs } from '../../files/read-inputs.ts';

export interface DumpFile {
  readonly name: string;
  readonly text: string;
  readonly mode: ProxyMode;
}

/** Reads the file, or says why it is not a dump. */
export async function openDump(path: string): Promise<DumpFile | { readonly unreadable: readonly Finding[] }> {
  const { sources, unreadable } = await readInputs([path], false);
  const [source] = sources;
  if (source === undefined) return { unreadable: unreadable.map((diagnostic) => ({ diagnostic })) };
  const mode = recogniseDump(source.text);
  if (mode !== undefined) return { name: source.name, text: source.text, mode };
  return {
    unreadable: [
      {
        diagnostic: fileDiagnostic(source.name, {
          code: 'dump-unknown',
          problem: 'this is no dump of rules that rulewright knows',
          remedy: 'give the output of iptables-save, ip6tables-save or nft list ruleset',
        }),
      },
    ],
  };
}

export interface DumpedRules {
  readonly family: IpFamily;
  readonly dump: Dump;
}

/** The rules of each family in `wanted`; undefined: of each family that the dump has. */
export function dumpedRules(
  { name, text, mode }: DumpFile,
  wanted: readonly IpFamily[] | undefined,
): { readonly rules: readonly DumpedRules[]; readonly findings: readonly Finding[] } {
  const read = (wanted ?? ipFamilies).map((family) => ({ family, result: readDump(text, family) }));
  const all = read.flatMap(({ family, result }) =>
    result.kind === 'resolved' ? [{ family, dump: result.value }] : [],
  );
  // A dump of iptables is of one family, even where no address in it says which.
  const rules = mode === 'iptables' ? all.slice(0, 1) : all;
  const unclear = read.flatMap(({ family, result }) =>
    result.kind === 'unclear' ? [describe(family, result.unclear)] : [],
  );
  const told = unclear.filter(
    ({ code }) => wanted !== undefined || rules.length === 0 || code !== 'dump-of-other-family',
  );
  return { rules, findings: told.map((each) => ({ diagnostic: fileDiagnostic(name, each) })) };
}

/** In words that speak of no packet. */
function describe(family: IpFamily, unclear: Unclear): Unclear {
  if (unclear.code !== 'dump-of-other-family') return unclear;
  return {
    ...unclear,
    problem: `the dump holds no rules of ${family}`,
    remedy: 'give the output of ip6tables-save for IPv6, of iptables-save for IPv4, or of nft list ruleset for both',
  };
}
