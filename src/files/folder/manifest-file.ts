/** One file of a watched folder: the objects in it, and what is wrong with it. */
import { stat } from 'node:fs/promises';
import type { Diagnostic } from '../../core/diagnostics.ts';
import { knownKind } from '../../core/manifest/kinds.ts';
import type { Manifest } from '../../core/model/objects.ts';
import { describePlace, type Finding } from '../../documents/finding.ts';
import { incompleteCodes, loadObjects } from '../load-objects.ts';
import { attempt, readTextIn } from '../read-text.ts';

export interface ManifestFile {
  readonly path: string;
  /** Another one whenever the file was written, or replaced by another. */
  readonly stamp: string;
  /** Of the last version that could be read; of the first one whatever could. */
  readonly manifests: readonly Manifest[];
  /** About objects of kinds that shape rules, with their place in the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** What else is wrong with the file, each as a sentence that names it and the place. */
  readonly troubles: readonly string[];
  /** Nothing could be read of it so far: which objects it holds is not known. */
  readonly isUnread: boolean;
}

/**
 * Reads a file again if it is another one than `before`. What cannot be read, is broken or is empty may be half
 * written: the objects that it had stay then. Undefined when there is no such file.
 */
export async function readManifestFile(
  root: string,
  path: string,
  before: ManifestFile | undefined,
): Promise<ManifestFile | undefined> {
  const stamp = await stampOf(path);
  if (stamp === undefined) return undefined;
  if (stamp === before?.stamp) return before;
  const keep = (problem: string): ManifestFile => {
    const { manifests, diagnostics } = before ?? { manifests: [], diagnostics: [] };
    const isUnread = before?.isUnread ?? true;
    const kept = isUnread ? '' : `; its objects stay as they were (${manifests.length})`;
    return { path, stamp, manifests, diagnostics, troubles: [`${problem}${kept}`], isUnread };
  };
  const text = await attempt(path, () => readTextIn(root, path));
  // It may be readable again soon, so it is tried again even if the file does not change.
  if ('problem' in text) {
    const kept = keep(`${path}: ${text.problem}`);
    // A link that is not followed holds nothing of ours: one such link must not stop a node from starting.
    return { ...kept, stamp: '', isUnread: kept.isUnread && text.code !== 'input-refused' };
  }
  const source = { name: path, index: 0, text: text.value };
  const isGood = before !== undefined && !before.isUnread;
  if (text.value.trim() === '' && isGood) return keep(`${path}: it is empty; delete the file if that is meant`);
  const { manifests, findings, incomplete } = await loadObjects([source]);
  const broken = findings.find(({ diagnostic: { code } }) =>
    incomplete ? incompleteCodes.has(code) : code === 'document-invalid',
  );
  if (broken !== undefined && (incomplete || isGood)) return keep(describeFinding(path, broken));
  return {
    path,
    stamp,
    manifests,
    diagnostics: findings.filter(isAboutKnownKind).map(placed),
    troubles: findings
      .filter((finding) => !isAboutKnownKind(finding) && isWorthSaying(finding))
      .map((finding) => describeFinding(path, finding)),
    isUnread: false,
  };
}

/** Times alone may be the same for two versions of a file that follow each other closely. */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : String(error);
  }
}

function isAboutKnownKind({ diagnostic }: Finding): boolean {
  return knownKind(diagnostic.object.kind) !== undefined;
}

/** Objects of other kinds may lie in the same folder, and a file may be empty. */
function isWorthSaying({ diagnostic }: Finding): boolean {
  return diagnostic.severity !== 'info' && diagnostic.code !== 'input-empty';
}

function describeFinding(path: string, { diagnostic, place }: Finding): string {
  return `${place === undefined ? path : describePlace(place)}: ${diagnostic.problem}`;
}

/** The texts of files are not kept, so that a place is said in words. */
function placed({ diagnostic, place }: Finding): Diagnostic {
  if (place === undefined) return diagnostic;
  return { ...diagnostic, problem: `${diagnostic.problem} (${describePlace(place)})` };
}
