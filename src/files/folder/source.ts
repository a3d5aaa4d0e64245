/** A folder of YAML and JSON as a source of objects: `--manifests DIR`, for a node without a cluster. */
import type { ObjectSource, SourceSink } from '../../core/snapshot/source.ts';
import { listManifests } from '../list-manifests.ts';
import { attempt } from '../read-text.ts';
import { readFiles } from './files.ts';
import type { ManifestFile } from './manifest-file.ts';
import { changesBetween, type FolderObjects, noObjects, objectKinds, objectsOf } from './objects.ts';
import { type FolderVisit, watchFolder } from './watch.ts';

export interface FolderSourceOptions {
  /** 100 when absent. */
  readonly quietMs?: number;
  /** 2000 when absent. */
  readonly pollMs?: number;
  /** A folder without a Service is meant: it takes all Services away. */
  readonly allowEmpty?: boolean;
  /** Whether this node serves Services now; asked at most once, before anything was given. */
  readonly isServing?: () => Promise<boolean>;
}

/** The folder with the folders in it, read as `compile -f DIR -R` does, and followed. */
export function folderSource(folder: string, options: FolderSourceOptions = {}): ObjectSource {
  const { quietMs = 100, pollMs = 2000, allowEmpty = false, isServing = () => Promise.resolve(false) } = options;
  return {
    kinds: objectKinds,
    start: (sink) => {
      const reader = folderReader(folder, sink, allowEmpty ? () => Promise.resolve(undefined) : emptyGuard(isServing));
      const watching = watchFolder({ look: reader.look, quietMs, pollMs });
      return {
        stop: async () => {
          reader.stop();
          await watching.stop();
        },
      };
    },
  };
}

/** Why a folder is not believed that would take all Services away; undefined where it does not. */
type Guard = (told: FolderObjects, now: FolderObjects, files: number) => Promise<string | undefined>;

/** An empty folder is more often a volume that is not mounted, or a failed checkout, than what is meant. */
function emptyGuard(isServing: () => Promise<boolean>): Guard {
  let serving: Promise<boolean> | undefined;
  return async (told, now, files) => {
    if (hasService(now)) return undefined;
    if (hasService(told)) return 'all Services are gone from it; they stay as they were';
    if (told !== noObjects) return undefined;
    if (files === 0) return 'no manifest is in it; nothing is programmed';
    serving ??= isServing();
    return (await serving) ? 'no Service is in it, but the rules of this node serve some; these rules stay' : undefined;
  };
}

function hasService({ manifests }: FolderObjects): boolean {
  return [...manifests.values()].some(({ kind }) => kind === 'Service');
}

/** What is known of the folder, and how it is told. */
function folderReader(folder: string, sink: SourceSink, guard: Guard): { look(): Promise<FolderVisit>; stop(): void } {
  let files: ReadonlyMap<string, ManifestFile> = new Map();
  /** Files that were not there when it looked last: they may only be about to be replaced. */
  let missing: ReadonlySet<string> = new Set();
  let told: FolderObjects = noObjects;
  let trouble: string | undefined;
  let isSynced = false;
  let isStopped = false;

  const say = (severity: 'info' | 'warning' | 'error', message: string): void => sink.progress({ severity, message });
  const tellTroubles = (now: ReadonlyMap<string, ManifestFile>): void => {
    for (const [path, file] of now) {
      const before = files.get(path)?.troubles ?? [];
      for (const trouble of file.troubles) if (!before.includes(trouble)) say('error', trouble);
      if (before.length > 0 && file.troubles.length === 0) say('info', `${path}: nothing is wrong with it any more`);
    }
  };
  const tellObjects = (now: FolderObjects): void => {
    const { changes, diagnosed } = changesBetween(told, now);
    told = now;
    if (changes.length > 0) sink.changed(changes);
    for (const { kind, key, list } of diagnosed) sink.diagnosed(kind, key, list);
  };
  const tellSynced = (): void => {
    const unread = [...files.values()].filter((file) => file.isUnread).length;
    if (isSynced || unread > 0) return;
    isSynced = true;
    say('info', `${folder}: read (files: ${files.size}, objects: ${told.manifests.size})`);
    for (const kind of objectKinds) sink.synced(kind);
  };

  const tellTrouble = (problem: string | undefined): void => {
    if (problem !== undefined && problem !== trouble) say('error', `${folder}: ${problem}`);
    trouble = problem;
  };

  const look = async (): Promise<FolderVisit> => {
    const listing = await attempt(folder, () => listManifests(folder, true));
    if (isStopped) return { folders: [], isUnsettled: false };
    if ('problem' in listing) {
      tellTrouble(`${listing.problem}; ${listing.remedy}`);
      return { folders: [], isUnsettled: false };
    }
    const read = await readFiles(listing.value, { files, missing });
    if (isStopped) return { folders: [], isUnsettled: false };
    tellTroubles(read.files);
    const isSame = read.files.size === files.size && [...read.files].every(([path, file]) => files.get(path) === file);
    ({ files, missing } = read);
    if (!isSame || trouble !== undefined || !isSynced) {
      const now = objectsOf([...files.values()]);
      const why = await guard(told, now, files.size);
      if (isStopped) return { folders: [], isUnsettled: false };
      tellTrouble(why === undefined ? undefined : `${why} (--allow-empty if that is meant)`);
      if (why === undefined) {
        tellObjects(now);
        tellSynced();
      }
    }
    return { folders: listing.value.folders, isUnsettled: missing.size > 0 };
  };
  return {
    look,
    stop: () => {
      isStopped = true;
    },
  };
}
