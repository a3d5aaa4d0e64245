/** The last transactions, for /debug/transactions: what was sent to the kernel, when and why, and how it ended. */
import { printable, printableLines } from '../../core/structures/safe-text.ts';
import type { FamilyReport, SyncReport } from '../sync-report.ts';

const maxEntries = 50;
/** Characters of text that are kept of each: a full load has tens of millions. */
const maxTextLength = 1 << 16;

export interface TransactionHistory {
  record(report: SyncReport): void;
  /** As text, the newest first. */
  page(): Iterable<string>;
}

interface Entry {
  readonly head: string;
  readonly text: string;
}

export function createTransactionHistory(): TransactionHistory {
  const entries: Entry[] = [];
  return {
    record: (report) => {
      for (const family of report.families) {
        if (family.text !== '' || family.result === 'failed') entries.unshift(describe(report, family));
      }
      entries.length = Math.min(entries.length, maxEntries);
    },
    page: () => formatPage([...entries]),
  };
}

function* formatPage(entries: readonly Entry[]): Generator<string> {
  if (entries.length === 0) yield 'Nothing was sent yet.\n';
  for (const { head, text } of entries) yield `${head}\n${text}\n`;
}

function describe(report: SyncReport, family: FamilyReport): Entry {
  const { text, result, problem, lost, lockWaitMs, applyMs } = family;
  const time = new Date(report.startedAtMs).toISOString();
  const lockWait = lockWaitMs > 0 ? `, of which ${lockWaitMs.toFixed(1)} ms waiting for the lock` : '';
  const lines = [
    `# ${time} sync ${report.number} (${report.cause}) ${family.family} ${family.mode}: ${result}, ` +
      `${text.length} characters in ${applyMs.toFixed(1)} ms${lockWait}`,
    ...lost.slice(0, maxEntries).map((line) => `# lost: ${printable(line)}`),
    ...(lost.length > maxEntries ? [`# lost: ${lost.length - maxEntries} more`] : []),
    ...(problem === undefined ? [] : problem.split('\n').map((line) => `# problem: ${printable(line)}`)),
  ];
  return { head: lines.join('\n'), text: shorten(printableLines(text.slice(0, maxTextLength)), text.length) };
}

/** A copy: V8 makes a slice a view of the whole string, which would then be kept as well. */
function shorten(text: string, fullLength: number): string {
  const copy = Buffer.from(text).toString();
  return fullLength > maxTextLength ? `${copy}\n# … ${fullLength - maxTextLength} more characters\n` : copy;
}
