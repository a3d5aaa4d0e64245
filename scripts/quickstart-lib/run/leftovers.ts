/** Removes the namespaces of earlier runs: those that were killed, or those with `--keep`. */
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { listNamespaces, removeNamespaces } from '../../lab/network/namespaces.ts';
import { endDaemon } from '../../lab/program/daemon.ts';
import { keptPrefix, prefix } from './folder.ts';

/** Removes what runs left whose process is gone. Gives the number of namespaces. */
export async function removeLeftovers(): Promise<number> {
  const runs = namesHere(prefix).map((name) => Number(/^rw-quickstart-(\d+)-/.exec(name)?.[1]));
  return await removeRuns(
    [...new Set(runs)].filter((pid) => pid > 0 && !isAlive(pid)).map((pid) => `${prefix}${pid}-`),
  );
}

/** Removes what a run with `--keep` (or `all` of them) left on purpose. Agents there notice and end. */
export async function removeKept(run: string): Promise<number> {
  return await removeRuns([run === 'all' ? keptPrefix : `${keptPrefix}${run}-`]);
}

async function removeRuns(beginnings: readonly string[]): Promise<number> {
  let removed = 0;
  for (const beginning of beginnings) {
    const folders = foldersHere(beginning);
    // Processes first: a namespace lives as long as there is a process in it.
    await Promise.all(folders.map(endDaemon));
    removed += await removeNamespaces(beginning);
    for (const folder of folders) rmSync(folder, { recursive: true });
  }
  return removed;
}

function foldersHere(beginning: string): string[] {
  return readdirSync(tmpdir()).flatMap((name) => (name.startsWith(beginning) ? [join(tmpdir(), name)] : []));
}

function namesHere(beginning: string): string[] {
  return [...listNamespaces(beginning), ...readdirSync(tmpdir())];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
