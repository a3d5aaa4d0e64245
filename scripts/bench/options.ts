/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import type { ProxyMode } from '../../src/core/model/config.ts';

export const usage = `usage: npm run bench -- [PART…] [options]
What made-up clusters of N Services with 10 endpoints each cost. Each measurement has a process and namespaces of its
own. The parts kernel, daemon and repair take root.

  compile                       to compile, from scratch and after one change
  verify                        to prove the rules, from scratch and after one change
  kernel                        on this machine's kernel to load, to change by one endpoint, and to connect through
  daemon                        from the API server's write to the kernel, with one change every 100 ms
  repair                        from the moment that somebody else takes rules away until they are back

  -o table|json                 what to print (table)
  --mode iptables|nftables      only this mode
  --services N,N,…              sizes of clusters (1000,10000,30000), the large ones only where that is quick`;

export interface Options {
  readonly output: 'table' | 'json';
  readonly parts: readonly Part[];
  readonly modes: readonly ProxyMode[];
  readonly services: readonly number[];
}

const knownParts = ['compile', 'verify', 'kernel', 'daemon', 'repair'] as const;
export type Part = (typeof knownParts)[number];

/** `help` when that is asked for. Throws an Error that says what is wrong with the arguments. */
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
