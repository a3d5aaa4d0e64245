/** The objects of the cluster that a kubeconfig leads to, in place of a file. */
import type { Diagnostic } from '../../core/diagnostics.ts';
import { fileDiagnostic } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';

/** Enough for tens of thousands of Services over a slow line. */
const limitMs = 120_000;

/** What the API server has now, as a source; or why it could not be asked. */
export async function readClusterObjects(kubeconfig: string): Promise<Source | Diagnostic> {
  // The client library takes longer to load than most files take to read.
  const [{ connectToCluster }, { fetchObjects }] = await Promise.all([
    import('../../kubernetes/cluster.ts'),
    import('../../kubernetes/fetch-objects.ts'),
  ]);
  try {
    const cluster = connectToCluster({ kubeconfig, master: '', qps: 0, burst: 0 });
    const text = await fetchObjects(cluster, AbortSignal.timeout(limitMs));
    return { name: cluster.server, index: 0, text };
  } catch (error) {
    const problem = `the cluster cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
    const remedy = 'check the kubeconfig, and that its user may list services, endpointslices, nodes and servicecidrs';
    return fileDiagnostic(kubeconfig, { code: 'input-unreadable', problem, remedy });
  }
}
