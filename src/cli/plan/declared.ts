/** What OLD and NEW say as objects: what --overlay fills in, what cannot be judged, and new choices of endpoints. */
import { type Placeholder, withAssigned } from '../../core/forecast/assigned.ts';
import type { Change, NotJudged } from '../../core/forecast/changes.ts';
import { type Declared, endpointChoices } from '../../core/forecast/declared.ts';
import { readEndpointSlice, readService } from '../../core/manifest/manifest.ts';
import { fieldIn, isFields, textIn } from '../../core/manifest/value.ts';
import { keyOfManifest, type Manifest } from '../../core/model/objects.ts';
import type { LoadedObjects } from '../../files/load-objects.ts';
import type { LoadedObject } from '../../files/object-index.ts';
import type { ForecastSettings } from './flags.ts';

export interface DeclaredInputs {
  /** NEW, with what the cluster assigns filled in, and as in OLD what could not be read. */
  readonly loaded: Pick<LoadedObjects, 'manifests' | 'findings'>;
  readonly declared: Declared;
}

/** A daemon's objects have what shapes rules, but no selectors and target ports to compare. */
export function withDeclared(
  old: LoadedObjects,
  wanted: LoadedObjects,
  { overlay: isOverlay, old: { kind: oldKind } }: Pick<ForecastSettings, 'overlay' | 'old'>,
): DeclaredInputs {
  const hasChoices = oldKind !== 'daemon';
  const known = firstByKey(old.objects);
  const given = firstByKey(wanted.objects);
  const filled = isOverlay ? fillIn(given, known) : new Map<string, FilledService>();
  const changes = new Map<string, readonly Change[]>();
  for (const [key, { json }] of given) {
    const before = known.get(key)?.json;
    const found = [
      ...(filled.get(key)?.changes ?? []),
      ...(hasChoices && isService(key) && isFields(before) && isFields(json) ? endpointChoices(before, json) : []),
    ];
    if (found.length > 0) changes.set(key.slice(serviceKind.length), found);
  }
  const leftOut = [...given].filter(([key, object]) => !filled.has(key) && isUnread(object));
  const kept = leftOut.flatMap(([key]) => known.get(key)?.manifest ?? []);
  const notJudged = [
    ...leftOut
      .filter(([key, { json }]) => differs(json, known.get(key)?.json))
      .map(([key, each]) => judge(key, each, 'NEW')),
    ...[...known]
      .filter(([key, each]) => isUnread(each) && isMentioned(key, each, { given, isOverlay }))
      .filter(([key]) => !leftOut.some(([other]) => other === key))
      .map(([key, each]) => judge(key, each, 'OLD')),
  ];
  return {
    loaded: {
      manifests: [...withFilled(wanted.manifests, filled), ...kept],
      findings: wanted.findings.filter(({ diagnostic: { code, object } }) => {
        const key = `${object.kind} ${object.namespace ?? ''}/${object.name}`;
        return code !== 'cluster-ip-missing' || !filled.has(key);
      }),
    },
    declared: { changes, notJudged: notJudged.toSorted(byName) },
  };
}

interface FilledService {
  readonly manifest: Manifest;
  readonly changes: readonly Change[];
}

const serviceKind = 'Service ';

function isService(key: string): boolean {
  return key.startsWith(serviceKind);
}

/** Services and EndpointSlices by `kind namespace/name`; of several with one name the first. */
function firstByKey(objects: readonly LoadedObject[]): ReadonlyMap<string, LoadedObject> {
  const index = new Map<string, LoadedObject>();
  for (const object of objects) {
    if (object.kind !== 'Service' && object.kind !== 'EndpointSlice') continue;
    const metadata = fieldIn(object.json, 'metadata');
    const key = `${object.kind} ${textIn(metadata, 'namespace') || 'default'}/${textIn(metadata, 'name')}`;
    if (!index.has(key)) index.set(key, object);
  }
  return index;
}

/** Services of NEW with what the cluster has assigned, or will. Those that stay as they are written are not in it. */
function fillIn(
  given: ReadonlyMap<string, LoadedObject>,
  known: ReadonlyMap<string, LoadedObject>,
): ReadonlyMap<string, FilledService> {
  const filled = new Map<string, FilledService>();
  const placeholder = placeholders([...given.values(), ...known.values()]);
  for (const [key, { json }] of given) {
    if (!isService(key) || !isFields(json)) continue;
    const before = known.get(key)?.json;
    const { json: whole, changes } = withAssigned(json, isFields(before) ? before : undefined, placeholder);
    const { object } = readService(whole);
    if (object !== undefined) filled.set(key, { manifest: { kind: 'Service', object }, changes });
  }
  return filled;
}

/** Of 198.18.0.0/15 and 2001:db8::/32, which are for benchmarks and documentation (RFC 2544, RFC 3849). */
function placeholders(objects: readonly LoadedObject[]): Placeholder {
  const taken = new Set(objects.flatMap(({ json }) => clusterIpsOf(json)));
  let count = 0;
  return (family) => {
    for (;;) {
      count += 1;
      const [high, low] = [(count >> 8) & 255, count & 255];
      const address = family === 'IPv4' ? `198.18.${high}.${low}` : `2001:db8::${count.toString(16)}`;
      if (!taken.has(address)) return address;
    }
  };
}

function clusterIpsOf(json: unknown): readonly unknown[] {
  const spec = fieldIn(json, 'spec');
  return [fieldIn(spec, 'clusterIP'), fieldIn(spec, 'clusterIPs')].flat();
}

function withFilled(manifests: readonly Manifest[], filled: ReadonlyMap<string, FilledService>): readonly Manifest[] {
  const others = manifests.filter((each) => each.kind !== 'Service' || !filled.has(serviceKind + keyOfManifest(each)));
  return [...others, ...[...filled.values()].map(({ manifest }) => manifest)];
}

/** Whether the object was left out because of what is in it; a headless Service is rightly without rules. */
function isUnread(object: LoadedObject): boolean {
  return object.manifest === undefined && reasonOf(object) !== undefined;
}

function reasonOf({ kind, json }: LoadedObject): string | undefined {
  const { object, diagnostics } = kind === 'Service' ? readService(json) : readEndpointSlice(json);
  if (object !== undefined) return undefined;
  const reason =
    diagnostics.find(({ code }) => code === 'cluster-ip-missing') ??
    diagnostics.find(({ severity }) => severity === 'error');
  return reason === undefined ? undefined : `${reason.field === '' ? '' : `${reason.field}: `}${reason.problem}`;
}

/** Whether an object of OLD is another one in NEW, or gone. */
function isMentioned(
  key: string,
  { json }: LoadedObject,
  { given, isOverlay }: { readonly given: ReadonlyMap<string, LoadedObject>; readonly isOverlay: boolean },
): boolean {
  const now = given.get(key)?.json;
  return now === undefined ? !isOverlay : differs(json, now);
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

function judge(key: string, object: LoadedObject, input: NotJudged['input']): NotJudged {
  const [namespace = '', name = ''] = key.slice(object.kind.length + 1).split('/');
  return { input, kind: object.kind, namespace, name, problem: reasonOf(object) ?? '' };
}

function byName(a: NotJudged, b: NotJudged): number {
  const [x, y] = [a, b].map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  return x === y ? 0 : (x ?? '') < (y ?? '') ? -1 : 1;
}
