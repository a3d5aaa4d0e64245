/** Short ways to write reports of the sync loop. */
import type { Diagnostic } from '../../src/core/diagnostics.ts';
import type { FamilyReport, SyncReport } from '../../src/observe/sync-report.ts';

export const startedAtMs = Date.UTC(2026, 10, 26, 11, 2, 19, 123);

/** A turn of 1.5 ms that changed nothing. */
export function syncReport(over: Partial<SyncReport> = {}): SyncReport {
  return {
    number: 1,
    cause: 'change',
    startedAtMs,
    compileMs: 1.5,
    changes: { services: 0, slices: 0, others: 0 },
    families: [],
    diagnostics: [],
    ...over,
  };
}

/** IPv4 in nftables mode, unchanged. */
export function familyReport(over: Partial<FamilyReport> = {}): FamilyReport {
  return {
    family: 'IPv4',
    mode: 'nftables',
    result: 'unchanged',
    diffMs: 0.5,
    applyMs: 0,
    lockWaitMs: 0,
    text: '',
    summary: {},
    lost: [],
    quarantined: [],
    triggeredAtMs: [],
    rules: {},
    withoutLocalEndpoints: { internal: 0, external: 0 },
    ...over,
  };
}

/** A transaction of 16 ms that went through. */
export function appliedReport(over: Partial<FamilyReport> = {}): FamilyReport {
  return familyReport({
    result: 'applied',
    applyMs: 16,
    text: 'delete element ip rulewright endpoints { 10.96.0.1 . tcp . 80 . 1 }\n',
    summary: { elements: { added: 2, changed: 0, removed: 1 }, chains: { added: 0, changed: 0, removed: 0 } },
    ...over,
  });
}

export function diagnostic(over: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: 'port-conflict',
    severity: 'warning',
    object: { kind: 'Service', namespace: 'shop', name: 'web' },
    field: 'spec.ports[0].nodePort',
    problem: 'node port 30080 belongs to an older Service',
    remedy: 'give it another node port',
    ...over,
  };
}
