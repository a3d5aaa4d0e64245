/** Reads OLD and NEW: the snapshots to compare, for each node in question. */
import { hostname } from 'node:os';
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { Declared } from '../../core/forecast/declared.ts';
import type { Side } from '../../core/forecast/forecast.ts';
import { nextSnapshot } from '../../core/forecast/next-snapshot.ts';
import type { Manifest } from '../../core/model/objects.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { emptySnapshot } from '../../core/snapshot/snapshot.ts';
import { valuesIn } from '../../core/structures/shards.ts';
import { eachOnce, type Finding, fileDiagnostic } from '../../documents/finding.ts';
import type { LoadedObjects } from '../../files/load-objects.ts';
import { withPlaces } from '../../files/object-index.ts';
import type { CompileSettings } from '../flags/settings.ts';
import { inputsOf, loadInputs, readObjects } from '../inputs/compile.ts';
import { readLiveObjects } from '../inputs/live-source.ts';
import { findThisNode, type ThisNode } from '../inputs/this-node.ts';
import { withDeclared } from './declared.ts';
import type { ForecastSettings, OldInput } from './flags.ts';

/** What is compared for one node. */
export interface NodeSides {
  readonly name: string;
  readonly before: Side;
  readonly after: Side;
  /** The same in the mode that was not asked for. */
  readonly otherMode: { readonly before: Side; readonly after: Side };
}

export interface ForecastInputs {
  readonly nodes: readonly NodeSides[];
  readonly findings: readonly Finding[];
  readonly declared: Declared;
}

interface Unreadable {
  readonly unreadable: readonly Finding[];
}

/** Reads both inputs. When one cannot be read, or is not all that was asked for, nothing is compared. */
export async function readForecastInputs(settings: ForecastSettings): Promise<ForecastInputs | Unreadable> {
  const old = await load(settings.old, settings.compile.recursive);
  const wanted = await load({ kind: 'path', path: settings.wanted }, settings.compile.recursive);
  if ('unreadable' in old || 'unreadable' in wanted) {
    return { unreadable: [old, wanted].flatMap((each) => ('unreadable' in each ? each.unreadable : [])) };
  }
  const before = nextSnapshot(emptySnapshot, old.manifests);
  const { loaded, declared } = withDeclared(old, wanted, settings);
  const after = nextSnapshot(before, loaded.manifests, settings.overlay);
  const snapshots = { before, after };
  const names = nodeNames(snapshots, settings);
  const nodes = names.map((name) => sidesFor({ ...settings.compile, ...name }, settings, snapshots));
  const diagnostics = [...(nodes.length === 0 ? [noNodes()] : []), ...nodes.flatMap((node) => node.diagnostics)];
  const found = [...settings.compile.findings, ...old.findings, ...loaded.findings];
  const findings = [...found, ...diagnostics.map((diagnostic) => ({ diagnostic }))];
  const objects = [...wanted.objects, ...old.objects];
  return { nodes: nodes.map(({ sides }) => sides), findings: eachOnce(withPlaces(findings, objects)), declared };
}

async function load(input: OldInput, recursive: boolean): Promise<LoadedObjects | Unreadable> {
  switch (input.kind) {
    case 'path':
      return readObjects([input.path], { recursive, kubeconfig: undefined });
    case 'cluster':
      return readObjects([], { recursive, kubeconfig: input.kubeconfig });
    case 'daemon': {
      const answer = await readLiveObjects(input.url);
      return loadInputs(inputsOf('text' in answer ? { name: input.url, index: 0, text: answer.text } : answer));
    }
    default:
      return input satisfies never;
  }
}

interface Snapshots {
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/** The node or nodes to ask for; no name where it is to be guessed as `compile` does. */
function nodeNames(
  { before, after }: Snapshots,
  settings: ForecastSettings,
): readonly { readonly nodeName?: string }[] {
  const known = [...new Set([...before.nodes.keys(), ...after.nodes.keys()])].toSorted();
  if (settings.allNodes) return known.map((nodeName) => ({ nodeName }));
  const [onlyNode, ...others] = known;
  if (settings.compile.nodeName !== undefined || onlyNode === undefined || others.length > 0) return [{}];
  return [{ nodeName: onlyNode }];
}

function sidesFor(compile: CompileSettings, { otherMode }: ForecastSettings, { before, after }: Snapshots) {
  const old = findThisNode(compile, manifestsOf(before), hostname());
  const now = findThisNode(compile, manifestsOf(after), hostname());
  // One value of settings for both, so that what was planned is remembered.
  const { config } = now;
  const other = { ...config, ...otherMode.node };
  const [beforeHere, afterHere] = [withNode(before, old), withNode(after, now)];
  const sides: NodeSides = {
    name: config.nodeName,
    before: { snapshot: beforeHere, config },
    after: { snapshot: afterHere, config },
    otherMode: { before: { snapshot: beforeHere, config: other }, after: { snapshot: afterHere, config: other } },
  };
  return { sides, diagnostics: [...old.diagnostics, ...now.diagnostics] };
}

/** What findThisNode asks about: Nodes, and whether a Service cares which node it is. */
function manifestsOf({ services, nodes }: Snapshot): readonly Manifest[] {
  return [
    ...valuesIn(services).map((object) => ({ kind: 'Service', object }) as const),
    ...[...nodes.values()].map((object) => ({ kind: 'Node', object }) as const),
  ];
}

/** The flags may say more about the node than its object. */
function withNode(snapshot: Snapshot, { node }: ThisNode): Snapshot {
  if (node === undefined || snapshot.nodes.get(node.name) === node) return snapshot;
  return { ...snapshot, nodes: new Map([...snapshot.nodes, [node.name, node]]) };
}

function noNodes(): Diagnostic {
  return fileDiagnostic('OLD, NEW', {
    code: 'node-none',
    problem: 'there is no Node among the objects, so --all-nodes asks for none',
    remedy: 'add the Node objects, or leave --all-nodes out and pass --hostname-override',
  });
}
