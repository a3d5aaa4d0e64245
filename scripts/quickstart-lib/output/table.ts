/** One call as lines: who called what on the left, a bar for each pod on the right. */
import type { ServiceResult } from '../calls/calls.ts';
import type { CallResult, Check, PodResult } from '../calls/expectations.ts';
import type { Colors } from './colors.ts';

const fromWidth = 9;
const toWidth = 19;
const countWidth = 6;
const podWidth = 12;
const barWidth = 16;
const leftWidth = fromWidth + 3 + toWidth + countWidth;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function tableHead(colors: Colors): string {
  const left = `${'from'.padEnd(fromWidth)}   ${'to'.padEnd(toWidth)}${'conns'.padStart(countWidth)}`;
  const right = `${'answered by'.padEnd(podWidth + 1 + barWidth)} ${'share'.padStart(7)}  want  sees`;
  return colors.dim(`     ${left}  ${right}`);
}

export function serviceLines({ calls, checks }: ServiceResult, colors: Colors): string[] {
  return [...calls.flatMap((call) => callLines(call, colors)), ...complaints(checks, colors)];
}

/** What did not hold, one line each. */
export function complaints(checks: readonly Check[], colors: Colors): string[] {
  return checks.filter(({ held }) => !held).map(({ text }) => colors.red(`       ✗ ${text}`));
}

export function markOf(checks: readonly Check[], colors: Colors): string {
  return checks.every(({ held }) => held) ? colors.green('✓') : colors.red('✗');
}

function callLines(result: CallResult, colors: Colors): string[] {
  const { call, report, pods, checks } = result;
  const target = `${call.to.text.padEnd(toWidth)}${String(call.connections).padStart(countWidth)}`;
  const head = `${call.from.padEnd(fromWidth)} ${colors.dim('→')} ${target}`;
  const left = [head, ...(call.note === undefined ? [] : [colors.dim(`  ${call.note}`.padEnd(leftWidth))])];
  const right = pods.length > 0 ? podLines(result, colors) : [`${failureText(result)} ${markOf(checks, colors)}`];
  const lines = Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    return `     ${left[i] ?? ' '.repeat(leftWidth)}  ${right[i] ?? ''}`.trimEnd();
  });
  const all = [...checks, ...pods.flatMap((pod) => pod.checks)];
  const broken = report.failures.length > 0 && pods.length > 0;
  return [...lines, ...complaints(all, colors), ...(broken ? [colors.red(`       ${failureText(result)}`)] : [])];
}

function podLines({ call, pods, report }: CallResult, colors: Colors): string[] {
  const total = Math.max(
    1,
    report.answers.reduce((sum, { count }) => sum + count, 0),
  );
  const shown = call.expect.kind === 'sticks' ? pods.filter(({ connections }) => connections > 0) : pods;
  return shown.map((pod) => {
    const share = pod.connections / total;
    const want = pod.expected?.text ?? (call.sources.length > 1 ? '' : '1');
    const cells = [
      pod.pod.padEnd(podWidth),
      `${colors.cyan(bar(share))}${' '.repeat(barWidth - bar(share).length)}`,
      `${(share * 100).toFixed(1)} %`.padStart(7),
      ` ${(want === '1' ? 'all' : want).padEnd(4)}`,
      sees(pod),
      markOf(pod.checks, colors),
    ];
    return cells.join(' ');
  });
}

function sees({ seenAs }: PodResult): string {
  return (seenAs ?? '').padEnd(6);
}

function bar(share: number): string {
  const parts = Math.round(share * barWidth * 8);
  return `${'█'.repeat(parts >> 3)}${eighths[parts & 7] ?? ''}`;
}

function failureText({ report }: CallResult): string {
  const reasons = [...new Set(report.failures.map(({ reason }) => reason))];
  const after = `after ${report.medianMs.toFixed(report.medianMs < 10 ? 1 : 0)} ms`;
  return reasons
    .map((reason) => (reason === 'dropped' ? `dropped: silence ${after}` : `${reason} ${after}`))
    .join(', ');
}
