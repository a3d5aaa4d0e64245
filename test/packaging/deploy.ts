/** The manifests of deploy/, put together by hand: enough of kustomize for what they use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const deploy = join(import.meta.dirname, '../../deploy');

export const overlays = ['iptables', 'nftables'] as const;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly resources?: { readonly limits?: { readonly memory: string } };
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext: {
    readonly privileged?: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly seccompProfile?: { readonly type: string; readonly localhostProfile?: string };
    readonly capabilities?: { readonly drop: readonly string[]; readonly add: readonly string[] };
  };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly priorityClassName: string;
  readonly hostNetwork: boolean;
  readonly tolerations: readonly object[];
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { name: string };
    readonly hostPath?: object;
  }[];
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { name: string; files?: readonly string[]; envs?: readonly string[] }[];
  readonly patches?: readonly { readonly target: { readonly kind: string }; readonly patch: string }[];
}

export interface Overlay {
  readonly pod: PodSpec;
  readonly rules: readonly Rule[];
  readonly binding: { readonly roleRef: object; readonly subjects: readonly object[] };
  readonly serviceAccount: string;
  /** Files by the name of their ConfigMap. */
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export function readOverlay(name: (typeof overlays)[number]): Overlay {
  const folder = join(deploy, 'overlays', name);
  const overlay: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const base = join(folder, overlay.resources[0] ?? '');
  const kustomization: Kustomization = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8'));
  const objects = kustomization.resources.map((file) => parse(readFileSync(join(base, file), 'utf8')));
  const ofKind = (kind: string) => objects.find((object) => object.kind === kind);
  for (const { target, patch } of overlay.patches ?? []) {
    for (const { op, path, value } of parse(patch)) add(ofKind(target.kind), { op, path, value });
  }
  return {
    pod: ofKind('DaemonSet').spec.template.spec,
    rules: ofKind('ClusterRole').rules,
    binding: ofKind('ClusterRoleBinding'),
    serviceAccount: ofKind('ServiceAccount').metadata.name,
    configMaps: new Map([...configMapsOf(base, kustomization), ...configMapsOf(folder, overlay)]),
  };
}

/** A JSON patch (RFC 6902) that adds to the end of a list. */
function add(root: unknown, { op, path, value }: { op: string; path: string; value: unknown }): void {
  if (op !== 'add' || !path.endsWith('/-')) throw new Error(`not understood: ${op} ${path}`);
  let target = root as { [key: string]: unknown };
  for (const key of path.slice(1, -2).split('/')) target = target[key] as typeof target;
  if (!Array.isArray(target)) throw new Error(`no list: ${path}`);
  target.push(value);
}

function configMapsOf(folder: string, { configMapGenerator }: Kustomization) {
  return configMapGenerator.map(({ name, files = [], envs = [] }) => {
    const entries = files.map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
    const lines = envs.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
    const variables = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('='));
    return [name, Object.fromEntries([...entries, ...variables])] as const;
  });
}
