/** From paths to a compilation: what every command that compiles does first. */
import { hostname } from 'node:os';
import { type Compilation, compile } from '../../core/compiler.ts';
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { Manifest, Node } from '../../core/model/objects.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../core/snapshot/snapshot.ts';
import type { InputDocument } from '../../files/document.ts';
import type { Finding } from '../../files/finding.ts';
import { type LoadedObjects, loadObjects } from '../../files/load-objects.ts';
import { withPlaces } from '../../files/object-index.ts';
import { type Inputs, readInputs } from '../../files/read-inputs.ts';
import type { Source } from '../../files/source.ts';
import type { CompileSettings } from '../flags/settings.ts';
import { readClusterObjects } from './cluster.ts';
import { findThisNode } from './this-node.ts';

export interface CompiledInputs {
  /** As they were parsed, for whoever asks for what the model does not keep. */
  readonly documents: readonly InputDocument[];
  readonly manifests: readonly Manifest[];
  readonly snapshot: Snapshot;
  readonly config: NodeConfig;
  readonly compilation: Compilation;
  /** The node that the rules are for; undefined when nothing is known of it. */
  readonly node: Node | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads and compiles what the paths name. When one of them cannot be read, or is not all that was asked for, nothing is
 * compiled: rules without the objects of a whole file would load well and cut off their Services.
 */
export async function compileInputs(
  settings: CompileSettings,
  paths: readonly string[],
): Promise<CompiledInputs | { readonly unreadable: readonly Finding[] }> {
  const loaded = await readObjects(paths, settings);
  return 'unreadable' in loaded ? loaded : compileObjects(settings, loaded);
}

/** All objects that the paths name, or that the cluster has. */
export async function readObjects(
  paths: readonly string[],
  { recursive, kubeconfig }: Pick<CompileSettings, 'recursive' | 'kubeconfig'>,
): Promise<LoadedObjects | { readonly unreadable: readonly Finding[] }> {
  return loadInputs(
    kubeconfig === undefined ? await readInputs(paths, recursive) : inputsOf(await readClusterObjects(kubeconfig)),
  );
}

/** Parses them all, or says why not. */
export async function loadInputs({
  sources,
  unreadable,
}: Inputs): Promise<LoadedObjects | { readonly unreadable: readonly Finding[] }> {
  if (unreadable.length > 0) return { unreadable: unreadable.map((diagnostic) => ({ diagnostic })) };
  const loaded = await loadObjects(sources);
  return loaded.documents.length === 0 || loaded.incomplete ? { unreadable: loaded.findings } : loaded;
}

/** As if it had been a file. */
export function inputsOf(read: Source | Diagnostic): Inputs {
  return 'text' in read ? { sources: [read], unreadable: [] } : { sources: [], unreadable: [read] };
}

/** What these objects compile to. */
export function compileObjects(settings: CompileSettings, loaded: LoadedObjects): CompiledInputs {
  const { manifests, documents, findings } = loaded;
  const { config, node, diagnostics } = findThisNode(settings, manifests, hostname());
  const objects = node === undefined ? manifests : [...manifests, { kind: 'Node', object: node } as const];
  const snapshot = reduce(
    emptySnapshot,
    objects.map((manifest) => ({ type: 'set', manifest })),
  );
  const compilation = compile(snapshot, config, settings.families);
  const unplaced: readonly Diagnostic[] = [
    ...diagnostics,
    ...familyLeftOut(settings, manifests),
    ...compilation.diagnostics,
  ];
  const all = [...settings.findings, ...findings, ...unplaced.map((diagnostic) => ({ diagnostic }))];
  return { documents, manifests, snapshot, config, node, compilation, findings: withPlaces(all, documents) };
}

/** Without --ip-family the rules are IPv4's alone; Services that need others are not to be forgotten in silence. */
function familyLeftOut(settings: CompileSettings, manifests: readonly Manifest[]): readonly Diagnostic[] {
  if (settings.familiesChosen) return [];
  const count = manifests.filter(
    (manifest) => manifest.kind === 'Service' && manifest.object.clusterIps.IPv6 !== undefined,
  ).length;
  if (count === 0) return [];
  return [
    {
      code: 'family-left-out',
      severity: 'warning',
      object: { kind: 'Flag', name: '--ip-family' },
      field: '',
      problem: `these rules are for IPv4 only, but the input has IPv6 cluster IPs (Services: ${count})`,
      remedy: 'pass --ip-family ipv6 for the input of ip6tables-restore; --ip-family ipv4 says that IPv4 is meant',
    },
  ];
}
