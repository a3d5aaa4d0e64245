/** Diagnostics in the log: told when they appear and when they are gone; remarks once for all their objects. */
import { type Diagnostic, describeObject } from '../../core/diagnostics.ts';
import { missing, tell } from './lines.ts';
import type { Log } from './log.ts';
import type { RepeatLimit } from './repeats.ts';

/** A function that logs how the diagnostics differ from those that it was given last. */
export function createDiagnosticLog(log: Log, limit: RepeatLimit): (diagnostics: readonly Diagnostic[]) => void {
  const methods = { error: log.error, warning: log.warn, info: log.info };
  let told: ReadonlyMap<string, Diagnostic> = new Map();
  let remarks: ReadonlyMap<string, Remark> = new Map();

  const say = (diagnostic: Diagnostic, method: Log['info'], message: string): void => {
    const { code, object } = diagnostic;
    limit.log({
      key: JSON.stringify([code, object.kind, object.namespace, object.name]),
      namespace: object.namespace ?? '',
      say: (extra) => method(message, { code, ...extra }),
    });
  };

  return (diagnostics) => {
    const standing = new Map(diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic]));
    const isTold = ({ severity }: Diagnostic): boolean => severity !== 'info';
    tell(missing(standing, told).filter(isTold), log, (diagnostic) =>
      say(diagnostic, methods[diagnostic.severity], describe(diagnostic)),
    );
    tell(missing(told, standing).filter(isTold), log, (diagnostic) =>
      say(diagnostic, log.info, `No longer: ${describe(diagnostic)}`),
    );
    told = standing;

    const remarksNow = remarksOf(diagnostics);
    for (const { first, objects } of missing(remarksNow, remarks)) {
      const more = objects === 1 ? '' : ` (and ${objects - 1} more)`;
      const { code, namespace = '' } = { ...first, ...first.object };
      const message = describe(first, more);
      limit.log({ key: code, namespace, say: (extra) => log.info(message, { code, ...extra }) });
    }
    remarks = remarksNow;
  };
}

/** What is worth knowing and needs no action, with the first object that has it and how many have it. */
interface Remark {
  readonly first: Diagnostic;
  readonly objects: number;
}

/** Those of one code that say the same: a remark about an IP family is not about the other family. */
function remarksOf(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, Remark> {
  const remarks = new Map<string, Remark>();
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'info') continue;
    const key = JSON.stringify([diagnostic.code, diagnostic.problem]);
    const { first = diagnostic, objects = 0 } = remarks.get(key) ?? {};
    remarks.set(key, { first, objects: objects + 1 });
  }
  return remarks;
}

function keyOf({ code, object, field, problem }: Diagnostic): string {
  return JSON.stringify([code, object.kind, object.namespace, object.name, field, problem]);
}

function describe({ object, field, problem, remedy }: Diagnostic, more = ''): string {
  const place = field === '' ? '' : ` ${field}`;
  return `${describeObject(object)}${place}${more}: ${problem}; ${remedy}`;
}
