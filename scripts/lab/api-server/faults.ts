/** What the test API server does wrong on purpose. */
export type Fault =
  /** Answers with this HTTP status, and a Status object. */
  | {
      readonly does: 'status';
      readonly code: number;
      readonly retryAfter?: string;
      readonly reason?: string;
      readonly message?: string;
      readonly details?: unknown;
    }
  /** Takes the request and never answers. */
  | { readonly does: 'hang' }
  /** A watch answers 200, and after so many lines it does the following. */
  | StreamFault
  /** The answer comes in small pieces. */
  | { readonly does: 'trickle'; readonly pieceBytes: number; readonly everyMs: number };

export type StreamFault = { readonly afterLines: number } & (
  | { readonly does: 'cut' }
  | { readonly does: 'go-silent' }
  | { readonly does: 'end' }
  | { readonly does: 'say'; readonly text: string }
);

export type Verb = 'list' | 'watch' | 'create' | 'patch';

/** Strikes the first so many requests that match; the first rule that matches counts. */
export interface FaultRule {
  readonly fault: Fault;
  readonly verb?: Verb;
  readonly kind?: string;
  /** Only watches that ask for all objects first, or only those that do not. */
  readonly initial?: boolean;
  /** Lets so many requests through before. */
  readonly skip?: number;
  /** 1 when absent. */
  readonly times?: number;
}

export interface FaultPlan {
  readonly add: (rule: FaultRule) => void;
  readonly clear: () => void;
  /** The fault that strikes this request, which counts. */
  readonly take: (request: {
    readonly verb: Verb;
    readonly kind: string;
    readonly initial: boolean;
  }) => Fault | undefined;
}

export function createFaultPlan(): FaultPlan {
  let rules: { rule: FaultRule; skip: number; times: number }[] = [];
  return {
    add: (rule) => {
      rules.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 });
    },
    clear: () => {
      rules = [];
    },
    take: (request) => {
      for (const entry of rules) {
        if (entry.times === 0 || !matches(entry.rule, request)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.times -= 1;
        return entry.rule.fault;
      }
      return undefined;
    },
  };
}

function matches(rule: FaultRule, { verb, kind, initial }: { verb: Verb; kind: string; initial: boolean }): boolean {
  if (rule.verb !== undefined && rule.verb !== verb) return false;
  if (rule.kind !== undefined && rule.kind !== kind) return false;
  return rule.initial === undefined || rule.initial === initial;
}
