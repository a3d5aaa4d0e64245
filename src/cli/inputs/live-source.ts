/** The objects that a running rulewright works with, from its debug address. */
import type { Diagnostic } from '../../core/diagnostics.ts';
import { fileDiagnostic } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';

/** A daemon that takes longer has other troubles. */
const timeoutMs = 30_000;

/**
 * Asks `GET /debug/snapshot` for a `List` of Kubernetes objects. Returns the answer, or why there is none.
 * `url`: the debug address, without a path.
 */
export async function readLiveObjects(url: string): Promise<Source | Diagnostic> {
  try {
    const response = await fetch(`${url}/debug/snapshot`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return { name: url, index: 0, text: await response.text() };
    await response.body?.cancel();
    return unreadable(
      url,
      `it answers ${response.status}`,
      'check that it is the debug address of a running rulewright',
    );
  } catch (error) {
    return unreadable(
      url,
      `it cannot be asked (${reasonOf(error)})`,
      'check the address and that rulewright is running',
    );
  }
}

function unreadable(url: string, problem: string, remedy: string): Diagnostic {
  return fileDiagnostic(url, { code: 'input-unreadable', problem, remedy });
}

/** fetch says `fetch failed`, and why only in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
