/** rulewright's own metrics, all named `rulewright_…`. */
import type { Severity } from '../../core/diagnostics.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { SyncReport } from '../sync-report.ts';
import { exponential } from './buckets.ts';
import type { Instruments } from './instruments.ts';

/** 0.25 ms to 16 s. */
const seconds = exponential(0.00025, 2, 17);
/** 256 bytes to 64 MiB. */
const bytes = exponential(256, 4, 10);
/** 1 to 262,144 objects. */
const objects = exponential(1, 4, 10);

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** One family's rules, as the kernel has them, held against the Services. */
export interface ProofFigures {
  readonly family: IpFamily;
  /** `proven`, `different` or `unknown`; `untold` when nothing could be told. */
  readonly outcome: string;
  readonly classes: number;
  readonly seconds: number;
}

/** A function that takes in proofs. */
export function createProofMetrics({ gauge, counter, histogram }: Instruments): (proof: ProofFigures) => void {
  const proofs = counter('rulewright_proofs_total', 'Proofs of the rules in the kernel, by what came of them', [
    'ip_family',
    'outcome',
  ]);
  const classes = gauge('rulewright_proof_classes', 'Classes of packets that the last proof went through', [
    'ip_family',
  ]);
  const durations = histogram({
    name: 'rulewright_proof_duration_seconds',
    help: 'Time of a proof, reading the kernel included',
    labels: ['ip_family'],
    buckets: seconds,
  });
  return ({ family: ip_family, outcome, classes: count, seconds: taken }) => {
    proofs.inc({ ip_family, outcome });
    classes.set({ ip_family }, count);
    durations.observe({ ip_family }, taken);
  };
}

/** A function that takes in reports. */
export function createOwnMetrics(instruments: Instruments): (report: SyncReport) => void {
  const { gauge, counter } = instruments;
  const { compile, diff, apply, lockWait } = createDurations(instruments);
  const size = createSizes(instruments);
  const syncs = counter('rulewright_syncs_total', 'Turns of the sync loop, by what caused them and how they ended', [
    'ip_family',
    'cause',
    'result',
  ]);
  const changes = counter('rulewright_changes_total', 'Objects that were sent to the kernel, by kind and change', [
    'ip_family',
    'object',
    'change',
  ]);
  const repairs = counter(
    'rulewright_drift_repairs_total',
    'Times that rules which another program had changed were restored',
    ['ip_family'],
  );
  const rules = gauge('rulewright_rules', 'Rules that stand in the kernel', ['ip_family', 'table']);
  const quarantined = gauge(
    'rulewright_quarantined_services',
    'Services whose rules are kept as they were, because the kernel refuses what they have become',
    ['ip_family'],
  );
  const diagnostics = gauge('rulewright_diagnostics', 'What there is to say about objects of the API now', [
    'severity',
  ]);

  return (report) => {
    compile.observe(report.compileMs / 1000);
    for (const severity of severities) {
      diagnostics.set({ severity }, report.diagnostics.filter((each) => each.severity === severity).length);
    }
    for (const family of report.families) {
      const { family: ip_family, result } = family;
      syncs.inc({ ip_family, cause: report.cause, result });
      diff.observe({ ip_family }, family.diffMs / 1000);
      quarantined.set({ ip_family }, family.quarantined.length);
      for (const [table, count] of Object.entries(family.rules)) rules.set({ ip_family, table }, count);
      // A transaction that waits in vain sends nothing, and that is when the wait matters most.
      if (family.text !== '' || family.lockWaitMs > 0) lockWait.observe({ ip_family }, family.lockWaitMs / 1000);
      if (family.text === '') continue;
      apply.observe({ ip_family }, family.applyMs / 1000);
      size.bytes.observe({ ip_family }, Buffer.byteLength(family.text));
      const counts = Object.entries(family.summary).flatMap(([object, change]) =>
        Object.entries(change).map(([kind, count]) => ({ object, change: kind, count })),
      );
      size.objects.observe(
        { ip_family },
        counts.reduce((sum, { count }) => sum + count, 0),
      );
      if (result !== 'applied') continue;
      for (const { object, change, count } of counts) changes.inc({ ip_family, object, change }, count);
      if (family.lost.length > 0) repairs.inc({ ip_family });
    }
  };
}

function createDurations({ histogram }: Instruments) {
  const perFamily = (name: string, help: string) => histogram({ name, help, labels: ['ip_family'], buckets: seconds });
  return {
    compile: histogram({
      name: 'rulewright_compile_duration_seconds',
      help: 'Time from the snapshot to the wanted rules of all families',
      buckets: seconds,
    }),
    diff: perFamily('rulewright_diff_duration_seconds', 'Time to find what changes'),
    apply: perFamily('rulewright_apply_duration_seconds', 'Time of nft or iptables-restore, where something was sent'),
    lockWait: perFamily('rulewright_lock_wait_seconds', 'Time that a transaction waited for the xtables lock'),
  };
}

function createSizes({ histogram }: Instruments) {
  const perFamily = (name: string, help: string, buckets: readonly number[]) =>
    histogram({ name, help, labels: ['ip_family'], buckets });
  return {
    bytes: perFamily('rulewright_transaction_bytes', 'Size of what was sent', bytes),
    objects: perFamily('rulewright_transaction_objects', 'Objects added, changed or removed by what was sent', objects),
  };
}
