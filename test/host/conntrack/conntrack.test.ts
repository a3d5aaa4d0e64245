/** The reconciler against a tool that does what the test says. The real one is in test/kernel. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { compile } from '../../../src/core/compiler.ts';
import { type ReconcilerOptions, startConntrackReconciler } from '../../../src/host/conntrack/conntrack.ts';
import type { PassResult } from '../../../src/host/conntrack/pass.ts';
import type { NodeState } from '../../../src/host/conntrack/targets.ts';
import type { CommandOutcome, RunCommand } from '../../../src/host/run-command.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';
import { until } from '../../support/until.ts';

const dns = service('dns', { ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] });

function stateWith(...addresses: readonly string[]): NodeState {
  const endpoints = addresses.map((address) => endpoint(address));
  const slices = [slice('dns', endpoints, { ports: [{ name: 'dns', protocol: 'UDP', port: 5353 }] })];
  const snapshot = snapshotOf({ services: [dns], slices });
  return { snapshots: { IPv4: snapshot }, plans: compile(snapshot, nodeConfig(), ['IPv4']).plans };
}

const done: CommandOutcome = { kind: 'exited', exitCode: 0, stdout: '', stderr: '' };

function entry(address: string): string {
  return `udp 17 29 src=10.0.0.9 dst=10.96.0.1 sport=1 dport=53 src=${address} dst=10.0.0.9 sport=5353 dport=1 use=1`;
}

/** The tool, which says lines and ends. */
function tool(behave: (args: readonly string[], say: (line: string) => void) => Promise<CommandOutcome>): RunCommand {
  return (_command, args, { onChunk } = {}) => behave(args, (line) => onChunk?.(Buffer.from(`${line}\n`)));
}

/** A reconciler with its reports; it is stopped after the test. */
function start(run: RunCommand, over: Partial<ReconcilerOptions> = {}) {
  const reports: PassResult[] = [];
  const reconciler = startConntrackReconciler({
    onReport: (report) => reports.push(report),
    run,
    addresses: () => Promise.resolve([]),
    pausesMs: { outOfTime: 0, failed: 0 },
    ...over,
  });
  onTestFinished(() => reconciler.stop());
  return { reconciler, reports };
}

it('works on one request at a time and answers those that come meanwhile together', async () => {
  let running = 0;
  let most = 0;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const deletions: string[] = [];
  const run = tool(async (args, onLine) => {
    running += 1;
    most = Math.max(most, running);
    await gate;
    if (args[0] === '-L') for (const address of ['10.244.1.1', '10.244.1.9']) onLine(entry(address));
    else deletions.push(args.join(' '));
    running -= 1;
    return done;
  });
  const { reconciler, reports } = start(run);
  reconciler.request(stateWith('10.244.1.1', '10.244.1.9'));
  expect(running).toBe(0);
  await until(() => expect(running).toBe(1));
  reconciler.request(stateWith('10.244.1.9'));
  reconciler.request(stateWith('10.244.1.1'));
  open();
  await until(() => expect(reports).toHaveLength(2));
  expect(most).toBe(1);
  expect(deletions).toEqual(['-D -p udp -f ipv4 -d 10.96.0.1 --dport 53 -r 10.244.1.9 --reply-port-src 5353']);
});

it('does not run the tool where no Service has a UDP port', async () => {
  const { reconciler, reports } = start(() => Promise.reject(new Error('not to be run')));
  const snapshot = snapshotOf({ services: [service('web')] });
  reconciler.request({ snapshots: { IPv4: snapshot }, plans: compile(snapshot, nodeConfig()).plans });
  await reconciler.stop();
  expect(reports).toEqual([]);
});

it('says once that the tool is missing, and goes on as soon as it is there', async () => {
  const outcomes: readonly CommandOutcome[] = [{ kind: 'missing' }, { kind: 'missing' }, done, { kind: 'missing' }];
  let runs = 0;
  const { reconciler, reports } = start(() => Promise.resolve(outcomes[runs++] ?? done));
  reconciler.request(stateWith('10.244.1.1'));
  await until(() => expect(reports).toHaveLength(3));
  const problems = reports.map(({ kind, problem }) => [kind, problem?.remedy]);
  expect(problems).toEqual([
    ['failed', 'install conntrack-tools (Debian: apt-get install conntrack)'],
    ['failed', undefined],
    ['complete', undefined],
  ]);
});

it.each<[string, CommandOutcome, RegExp, RegExp]>([
  [
    'may not',
    { ...done, kind: 'exited', exitCode: 1, stderr: 'conntrack v1.4.7: Operation failed: Operation not permitted' },
    /CAP_NET_ADMIN/,
    /capability NET_ADMIN/,
  ],
  ['hangs', { kind: 'killed', why: 'no answer after 60 s' }, /no answer after 60 s/, /tried again/],
  ['fails', { kind: 'exited', exitCode: 2, stdout: '', stderr: '\nboom\nmore' }, /\(boom\)/, /tried again/],
])('says why when the tool %s', async (_, outcome, problem, remedy) => {
  const { reconciler, reports } = start(() => Promise.resolve(outcome), { pausesMs: { outOfTime: 0, failed: 60_000 } });
  reconciler.request(stateWith('10.244.1.1'));
  await until(() => expect(reports).toHaveLength(1));
  expect(reports[0]?.problem?.problem).toMatch(problem);
  expect(reports[0]?.problem?.remedy).toMatch(remedy);
});

it('takes entries that went by themselves for deleted', async () => {
  const nothing: CommandOutcome = {
    ...done,
    exitCode: 1,
    stderr: 'conntrack v1.4.7: 0 flow entries have been deleted.',
  };
  const { reconciler, reports } = start(
    tool((args, onLine) => {
      if (args[0] !== '-L') return Promise.resolve(nothing);
      onLine(entry('10.244.1.9'));
      return Promise.resolve(done);
    }),
  );
  reconciler.request(stateWith('10.244.1.1'));
  await until(() => expect(reports).toHaveLength(1));
  expect(reports[0]).toMatchObject({ kind: 'complete', seen: 1, deleted: 0 });
});

it('does in several turns what does not fit into the budget of one', async () => {
  const left = new Set(['10.244.1.7', '10.244.1.8', '10.244.1.9']);
  // Each deletion uses up the budget.
  const run = tool(async (args, onLine) => {
    if (args[0] === '-L') {
      for (const address of left) onLine(entry(address));
      return done;
    }
    const address = args[args.indexOf('-r') + 1] ?? '';
    left.delete(address);
    onLine(entry(address));
    await sleep(30);
    return done;
  });
  const { reconciler, reports } = start(run, { budgetMs: 25 });
  reconciler.request(stateWith('10.244.1.1'));
  await until(() => expect(reports.at(-1)?.kind).toBe('complete'));
  expect(reports.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(3);
  expect(reports.slice(0, -1).every(({ kind }) => kind === 'outOfTime')).toBe(true);
  expect(left).toEqual(new Set());
});

it('ends the tool when it is stopped, and reports nothing afterwards', async () => {
  let hasBegun = false;
  const { reconciler, reports } = start((_command, _args, { signal } = {}) => {
    hasBegun = true;
    return new Promise((resolve) => {
      signal?.addEventListener('abort', () => resolve({ kind: 'killed', why: 'SIGTERM' }));
    });
  });
  reconciler.request(stateWith('10.244.1.1'));
  await until(() => expect(hasBegun).toBe(true));
  await reconciler.stop();
  reconciler.request(stateWith('10.244.1.1'));
  await reconciler.stop();
  expect(reports).toEqual([]);
});
