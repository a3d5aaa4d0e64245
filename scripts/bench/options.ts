/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import type { ProxyMode } from '../../src/core/model/config.ts';

export const usage = `usage: npm run bench -- [PART…] [options]
Measures synthetic clusters of N Services with 10 endpoints each. Each measurement runs in a separate process and in
separate namespaces. The parts kernel, daemon and repair need root.

  compile                       compile from scratch and after one change
  verify                        prove the rules from scratch and after one change
  kernel                        load rules, change one endpoint, and connect, on this machine's kernel
  daemon                        time from the API server's write to the kernel, with one change every 100 ms
  repair                        time to restore rules that another program removes

  -o table|json                 what to print (table)
  --mode iptables|nftables      only this mode
  --services N,N,…              cluster sizes (1000,10000,30000); large ones only in quick measurements`;

export interface Options {
  readonly output: 'table' | 'json';
  readonly parts: readonly Part[];
  readonly modes: readonly ProxyMode[];
  readonly services: readonly number[];
}

const knownParts = ['compile', 'verify', 'kernel', 'daemon', 'repair'] as const;
export type Part = (typeof knownParts)[number];

/** `help` for --help. Throws an Error that describes a wrong argument. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: 'table' },
      mode: { type: 'string' },
      services: { type: 'string', default: '1000,10000,30000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    output: oneOf('--output', values.output, ['table', 'json']),
    parts: positionals.length === 0 ? knownParts : positionals.map((name) => oneOf('PART', name, knownParts)),
    modes:
      values.mode === undefined ? ['iptables', 'nftables'] : [oneOf('--mode', values.mode, ['iptables', 'nftables'])],
    services: values.services.split(',').map(readSize),
  };
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`${option} takes ${known.join(' or ')}, not ${value}`);
  return found;
}

/** The changes hit Services up to number 222; addresses are enough for a bit more than 30,000 Services. */
function readSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 300 || size > 50_000) {
    throw new Error(`--services takes numbers from 300 to 50000, not ${text}`);
  }
  return size;
}
