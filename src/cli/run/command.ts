/** `rulewright run`: the daemon, and the other tasks of kube-proxy's command line. */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { configurationObject, flagValues } from '../../configuration/write.ts';
import { nodeConfigOf } from '../../daemon/node/config.ts';
import { runNode } from '../../daemon/node/node.ts';
import { setUpNode } from '../../daemon/node/set-up.ts';
import { StartError } from '../../daemon/start-error.ts';
import type { Finding } from '../../documents/finding.ts';
import { createLog, type OwnedLog } from '../../observe/logs/log.ts';
import { runCleanup } from '../cleanup/command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { diagnosticRenderer } from '../output/render-diagnostics.ts';
import { wantsColor, write } from '../output/streams.ts';
import { programVersion } from '../version.ts';
import { type RunSettings, readRunSettings } from './settings.ts';

/** Runs the command; `collected` is what commander read. */
export async function runRun(collected: object): Promise<ExitCode> {
  const read = await readRunSettings(collected);
  if ('errors' in read) {
    await show(read.errors);
    return exitCodes.usage;
  }
  await show(read.warnings);
  const { settings } = read;
  const { task } = settings;
  switch (task.kind) {
    case 'write-config':
      return writeConfig(task);
    case 'cleanup':
      return runCleanup({}, 'all');
    case 'init-only':
    case 'run':
      return await withLog(settings, (log) =>
        task.kind === 'run' ? runUntilEnded(settings, log) : init(settings, log),
      );
    default:
      return task satisfies never;
  }
}

async function show(findings: readonly Finding[]): Promise<void> {
  const render = diagnosticRenderer(wantsColor('auto', process.stderr));
  await write(process.stderr, findings.map(render).join(''));
}

async function writeConfig({ path, text }: { readonly path: string; readonly text: string }): Promise<ExitCode> {
  if (path === '-') return (await write(process.stdout, text)) === undefined ? exitCodes.clean : exitCodes.errors;
  try {
    await writeFile(path, text);
    return exitCodes.clean;
  } catch (error) {
    await write(process.stderr, `error: --write-config-to: ${(error as Error).message}\n`);
    return exitCodes.errors;
  }
}

async function withLog(settings: RunSettings, run: (log: OwnedLog) => Promise<ExitCode>): Promise<ExitCode> {
  const log = createLog({ ...settings.proxy.logging, destination: 2 });
  try {
    return await run(log);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.error(error.message);
    return exitCodes.errors;
  } finally {
    await log.close();
  }
}

async function init({ proxy }: RunSettings, log: OwnedLog): Promise<ExitCode> {
  const isSetUp = await setUpNode(proxy, nodeConfigOf(proxy), log);
  return isSetUp ? exitCodes.clean : exitCodes.errors;
}

async function runUntilEnded(settings: RunSettings, log: OwnedLog): Promise<ExitCode> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Not `once`: without a listener, a second signal would end this process in the middle of a transaction.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  const { proxy, manifests, allowEmpty, configuration, configFile, verifyEveryMs, debug } = settings;
  const config = configurationObject(configuration);
  const about = { version: programVersion(), flags: flagValues(configuration), config };
  await runNode({
    ...{ settings: proxy, configFile, manifests, allowEmpty, about, verifyEveryMs, debug, log },
    signal: ending.signal,
  });
  return exitCodes.clean;
}
