import { describe, expect, it } from 'vitest';
import { createSyncLog } from '../../../src/observe/logs/sync-log.ts';
import { appliedReport, diagnostic, familyReport, syncReport } from '../reports.ts';
import { memoryLog } from './memory.ts';

/** A function that gives the lines of one more report, without the time. */
function syncLog(verbosity = 2, now = () => 0) {
  const { log, lines } = memoryLog({ verbosity });
  const logSync = createSyncLog(log, now);
  return (...args: Parameters<typeof syncReport>): readonly string[] => {
    logSync(syncReport(...args));
    return lines.splice(0).map((line) => line.slice(line.indexOf(' ') + 1));
  };
}

describe('a turn of the loop', () => {
  it('that changed something is one line with what changed, from -v 2 on', () => {
    expect(syncLog(1)({ families: [appliedReport()] })).toEqual([]);
    const lines = syncLog()({
      number: 12,
      changes: { services: 1, slices: 2, others: 0 },
      families: [appliedReport(), familyReport({ family: 'IPv6' })],
    });
    expect(lines).toEqual([
      'debug Synced sync=12 cause=change services=1 slices=2 others=0 compileMs=1.5 ' +
        'IPv4.result=applied IPv4.elements=+2-1 IPv4.bytes=68 IPv4.diffMs=0.5 IPv4.applyMs=16 ' +
        'IPv6.result=unchanged IPv6.bytes=0 IPv6.diffMs=0.5 IPv6.applyMs=0',
    ]);
  });

  it('that changed nothing is a line from -v 2 on', () => {
    const report = { families: [familyReport()] };
    expect(syncLog(1)(report)).toEqual([]);
    expect(syncLog(2)(report)).toEqual([expect.stringMatching(/^debug Nothing was changed sync=1 cause=change /)]);
  });

  it('tells how long it waited for the lock', () => {
    const [line] = syncLog()({ families: [appliedReport({ mode: 'iptables', lockWaitMs: 412.34 })] });
    expect(line).toContain('IPv4.applyMs=16 IPv4.lockWaitMs=412.3');
  });

  it('that failed is an error with the problem and what to do', () => {
    const problem = 'nft: Error: Could not process rule: No such file or directory';
    expect(syncLog()({ number: 3, families: [familyReport({ result: 'failed', problem, text: 'add' })] })).toEqual([
      'error The rules could not be applied: those from before still stand, and it is tried again ' +
        `sync=3 family=IPv4 mode=nftables problem="${problem}" ` +
        'remedy="see what was sent at /debug/transactions of the metrics address" bytes=3 diffMs=0.5 applyMs=0',
    ]);
  });

  it('that put back what was lost says what, up to fifty lines', () => {
    const lost = Array.from({ length: 60 }, (_, index) => `chain c${index} is gone`);
    const [first, second] = syncLog()({ cause: 'repair', families: [appliedReport({ lost })] });
    expect(first).toMatch(
      /^warn {2}Restored rules that another program had changed sync=1 .* lost=\["chain c0 is gone",.*c49.*more=10$/,
    );
    expect(second).toMatch(/^debug Synced sync=1 cause=repair/);
  });

  it('that could not put it back says so as an error', () => {
    const families = [familyReport({ result: 'failed', lost: ['table ip rulewright is gone'], problem: 'killed' })];
    const lines = syncLog()({ cause: 'repair', families });
    expect(lines[0]).toMatch(/^error Lost sync=1 family=IPv4 lost=\["table ip rulewright is gone"\]$/);
    expect(lines).toHaveLength(2);
  });
});

describe('diagnostics', () => {
  it('are told when they appear and when they are gone, not in between', () => {
    const next = syncLog(0);
    const [warning, error] = [diagnostic(), diagnostic({ code: 'bad-ip', severity: 'error', field: '' })];
    const told =
      'Service shop/web spec.ports[0].nodePort: node port 30080 belongs to an older Service; ' +
      'give it another node port code=port-conflict';
    expect(next({ diagnostics: [warning] })).toEqual([`warn  ${told}`]);
    expect(next({ diagnostics: [{ ...warning }, error] })).toEqual([
      'error Service shop/web: node port 30080 belongs to an older Service; give it another node port code=bad-ip',
    ]);
    expect(next({ diagnostics: [error, warning] })).toEqual([]);
    expect(next({ diagnostics: [error] })).toEqual([`info  No longer: ${told}`]);
    expect(next({ diagnostics: [warning, error] })).toEqual([`warn  ${told}`]);
  });

  it('of two objects, fields or problems are different ones', () => {
    const next = syncLog(0);
    const first = diagnostic();
    const others = [
      diagnostic({ object: { kind: 'Service', namespace: 'shop', name: 'web2' } }),
      diagnostic({ field: 'spec.ports[1].nodePort' }),
      diagnostic({ problem: 'another' }),
    ];
    expect(next({ diagnostics: [first] })).toHaveLength(1);
    expect(next({ diagnostics: [first, ...others] })).toHaveLength(3);
  });

  it('are summed up where there are many at once', () => {
    const diagnostics = Array.from({ length: 1000 }, (_, index) =>
      diagnostic({ object: { kind: 'Service', namespace: 'shop', name: `web-${index}` } }),
    );
    const lines = syncLog(0)({ diagnostics });
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('warn  And more of that kind more=950');
  });
});

describe('remarks', () => {
  const remark = (name: string, over = {}) =>
    diagnostic({ severity: 'info', code: 'affinity', object: { kind: 'Service', namespace: 'shop', name }, ...over });

  it('are told once, with the number of objects that have them', () => {
    const next = syncLog(0);
    const diagnostics = Array.from({ length: 231 }, (_, i) => remark(`web-${i}`));
    expect(next({ diagnostics })).toEqual([
      'info  Service shop/web-0 spec.ports[0].nodePort (and 230 more): node port 30080 belongs to an older Service; ' +
        'give it another node port code=affinity',
    ]);
    expect(next({ diagnostics: [...diagnostics, remark('more')] })).toEqual([]);
    expect(next({ diagnostics: [remark('more'), remark('other', { code: 'another' })] })).toHaveLength(1);
    const families = ['IPv4', 'IPv6'].map((family) => remark('node', { code: 'third', problem: `no ${family} CIDR` }));
    expect(next({ diagnostics: families })).toEqual([
      expect.stringMatching(/node .*: no IPv4 CIDR;/),
      expect.stringMatching(/node .*: no IPv6 CIDR;/),
    ]);
    expect(next({})).toEqual([]);
  });
});

describe('an object that changes again and again', () => {
  it('is told a few times a minute, and then with how often it was', () => {
    let nowMs = 0;
    const next = syncLog(0, () => nowMs);
    const lines: string[] = [];
    for (; nowMs < 2000; nowMs += 10) lines.push(...next({ diagnostics: nowMs % 20 === 0 ? [diagnostic()] : [] }));
    expect(lines).toHaveLength(10);
    const unrelated = diagnostic({ object: { kind: 'Service', namespace: 'shop', name: 'calm' } });
    expect(next({ diagnostics: [unrelated] })).toHaveLength(1);
    nowMs = 60_000;
    expect(next({ diagnostics: [unrelated] })).toEqual([
      expect.stringMatching(/^info {2}No longer: Service shop\/web .* code=port-conflict repeated=190$/),
    ]);
    expect(next({ diagnostics: [unrelated, diagnostic()] })).toEqual([
      expect.stringMatching(/^warn {2}Service shop\/web /),
    ]);
  });

  it('cannot get more lines by other names in its namespace, and takes none of another namespace', () => {
    let nowMs = 0;
    const next = syncLog(0, () => nowMs);
    const of = (namespace: string, name: string) => diagnostic({ object: { kind: 'Service', namespace, name } });
    const lines: string[] = [];
    for (; nowMs < 2000; nowMs += 10) lines.push(...next({ diagnostics: [of('tenant', `web-${nowMs}`)] }));
    expect(lines).toHaveLength(60);
    expect(next({ diagnostics: [of('shop', 'web')] })).toHaveLength(1);
    nowMs = 61_000;
    expect(next({ diagnostics: [of('shop', 'web')] })).toEqual([
      'warn  Lines about objects of a namespace were left out, as there were too many namespace=tenant lines=340',
    ]);
  });
});

describe('quarantined Services', () => {
  it('are told when they are set aside and when they are back', () => {
    const next = syncLog(0);
    const families = [familyReport({ quarantined: ['shop/web'] })];
    expect(next({ families })).toEqual([
      'error The kernel refuses the new rules of a Service, so its old rules stay ' + 'service=shop/web family=IPv4',
    ]);
    expect(next({ families })).toEqual([]);
    expect(next({ families: [familyReport()] })).toEqual([
      'info  The kernel accepts a Service again service=shop/web family=IPv4',
    ]);
  });
});
