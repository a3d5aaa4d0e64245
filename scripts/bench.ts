/**
 * `npm run bench`: what a compile costs, by size of the cluster. Times are of this machine now; ratios travel better.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CompileFigures } from './bench/compile.ts';

const usage = `usage: npm run bench -- [-o table|json] [--services N,N,…] [--layout fast|kube-proxy]
Compiles made-up clusters of N Services with 10 endpoints each, each size in a process of its own.`;

const endpointsPerService = 10;

function main(): void {
  const { values } = parseArgs({
    options: {
      output: { type: 'string', short: 'o', default: 'table' },
      services: { type: 'string', default: '1000,10000,30000' },
      layout: { type: 'string', default: 'fast' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const figures = values.services.split(',').map((services) => {
    process.stderr.write(`measuring ${services} Services × ${endpointsPerService} endpoints …\n`);
    return measureInProcess(Number(services), values.layout);
  });
  console.log(values.output === 'json' ? JSON.stringify(figures, undefined, 2) : table(figures));
}

function measureInProcess(services: number, layout: string): CompileFigures {
  const script = fileURLToPath(new URL('bench/compile.ts', import.meta.url));
  const args = [script, String(services), String(endpointsPerService), layout];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 20 }));
}

function table(figures: readonly CompileFigures[]): string {
  const heads = ['Services', 'read', 'compile', 'print', 'one change', '÷ first', '+ print', 'rules', 'MB', 'peak MB'];
  const rows = figures.map((f) => [
    `${f.services} × ${f.endpoints}`,
    ms(f.readMs),
    ms(f.compileMs),
    ms(f.printMs),
    ms(f.changeMs),
    (f.changeMs / (figures[0]?.changeMs ?? Number.NaN)).toFixed(1),
    ms(f.changePrintMs),
    String(f.rules),
    (f.bytes / 1e6).toFixed(1),
    f.peakMemoryMb.toFixed(0),
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [heads, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')).join('\n');
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

main();
