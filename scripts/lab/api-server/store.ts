/** The objects of the test API server with their versions and their history, as etcd and the watch cache keep them. */

export interface RawObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface Stored {
  readonly object: RawObject;
  readonly version: number;
  /** With its resourceVersion, on one line. */
  readonly json: string;
}

/** A change of one object: created without `before`, deleted without `after`. */
export interface Change {
  readonly version: number;
  readonly kind: string;
  readonly before?: Stored;
  /** Of a deletion, the object as it was last, with the version of the deletion. */
  readonly last?: Stored;
  readonly after?: Stored;
}

/** Everything there is at one moment, to come back to. */
export interface StoreState {
  readonly version: number;
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, Stored>>;
}

export interface Store {
  readonly version: () => number;
  /** Gives the new version. */
  readonly set: (object: RawObject) => number;
  readonly delete: (kind: string, key: string) => number;
  /** By key, in the order of keys. */
  readonly list: (kind: string) => readonly (readonly [string, Stored])[];
  /** The changes after a version; undefined when some of them have been forgotten. */
  readonly since: (version: number) => readonly Change[] | undefined;
  /** Forgets the history, as etcd does every five minutes. */
  readonly compact: () => void;
  readonly save: () => StoreState;
  /** Goes back to what was saved, version included. */
  readonly restore: (state: StoreState) => void;
}

/** `changed` is called after each change. */
export function createStore(changed: (change: Change) => void): Store {
  let version = 100;
  let compactedTo = version;
  let history: Change[] = [];
  let objects = new Map<string, Map<string, Stored>>();
  const ofKind = (kind: string) => {
    const found = objects.get(kind) ?? new Map<string, Stored>();
    objects.set(kind, found);
    return found;
  };
  const record = (change: Change) => {
    history.push(change);
    changed(change);
    return version;
  };
  return {
    version: () => version,
    set: (object) => {
      version += 1;
      const after = store(object, version);
      const before = ofKind(object.kind).get(keyOf(object));
      ofKind(object.kind).set(keyOf(object), after);
      return record({ version, kind: object.kind, after, ...(before === undefined ? {} : { before }) });
    },
    delete: (kind, key) => {
      const before = ofKind(kind).get(key);
      if (before === undefined) return version;
      version += 1;
      ofKind(kind).delete(key);
      return record({ version, kind, before, last: store(before.object, version) });
    },
    list: (kind) => [...ofKind(kind)].sort(([a], [b]) => (a < b ? -1 : 1)),
    since: (from) => (from < compactedTo ? undefined : history.filter((change) => change.version > from)),
    compact: () => {
      history = [];
      compactedTo = version;
    },
    save: () => ({ version, objects: copy(objects) }),
    restore: (state) => {
      version = state.version;
      compactedTo = version;
      history = [];
      objects = copy(state.objects);
    },
  };
}

function copy(objects: StoreState['objects']): Map<string, Map<string, Stored>> {
  return new Map([...objects].map(([kind, stored]) => [kind, new Map(stored)]));
}

function store(object: RawObject, version: number): Stored {
  const metadata = { ...object.metadata, resourceVersion: String(version) };
  return { object, version, json: JSON.stringify({ ...object, metadata }) };
}

function keyOf({ metadata }: RawObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
