/**
 * Diagnostics: problems with the user's objects, as values. A diagnostic never stops a compile: only the part that it
 * names is left out.
 */

/**
 * `error`: something was left out. `warning`: it works, but perhaps not as meant. `info`: worth knowing, never fails.
 */
export type Severity = 'error' | 'warning' | 'info';

/** The object a diagnostic is about; cluster-scoped kinds have no `namespace`. Its strings may be hostile. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Diagnostic {
  /**
   * Stable identifier in kebab-case, documented in docs/diagnostics-*.md and docs/cli-compile.md; never reused for
   * another meaning.
   */
  readonly code: string;
  readonly severity: Severity;
  readonly object: ObjectRef;
  /** Path inside the object as people write it: `spec.ports[0].port`; empty when the whole object is meant. */
  readonly field: string;
  /** What is wrong, one sentence without a full stop. */
  readonly problem: string;
  /** What to do about it, one sentence in the imperative without a full stop. */
  readonly remedy: string;
  /** The other object of a conflict. */
  readonly rival?: ObjectRef;
}

/** `Service shop/web`, `Node node-0`. */
export function describeObject(object: ObjectRef): string {
  const name = object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
  return `${object.kind} ${name}`;
}
