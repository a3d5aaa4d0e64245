/** `rulewright run`: the daemon, and the other tasks of kube-proxy's command line. */
import { watch } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { configurationObject, flagValues } from '../../configuration/write.ts';
import { nodeConfigOf } from '../../daemon/node/config.ts';
import { runNode } from '../../daemon/node/node.ts';
import { setUpNode } from '../../daemon/node/set-up.ts';
import { StartError } from '../../daemon/start-error.ts';
import type { Finding } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';
import { createLog, type OwnedLog } from '../../observe/logs/log.ts';
import { runCleanup } from '../cleanup/command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { diagnosticRenderer } from '../output/render-diagnostics.ts';
import { wantsColor, write } from '../output/streams.ts';
import { printVersion } from '../version/command.ts';
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
    case 'version':
      return printVersion(task.isRaw ? 'raw' : 'text');
    case 'cleanup':
      return runCleanup({ kubeProxy: true });
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
  await setUpNode(proxy, nodeConfigOf(proxy), log);
  return exitCodes.clean;
}

async function runUntilEnded(settings: RunSettings, log: OwnedLog): Promise<ExitCode> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Not `once`: without a listener, the library that runs our programs would end this process by the same signal.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  let hasChanged = false;
  const onChange = (path: string): void => {
    log.info('The configuration file has changed: ending, so that whoever started this starts it anew', { path });
    hasChanged = true;
    end();
  };
  if (settings.configFile !== undefined) watchConfig(settings.configFile, onChange, ending.signal);
  const { proxy, manifests, configuration, verifyEveryMs } = settings;
  const config = configurationObject(configuration);
  const about = { version: programVersion(), flags: flagValues(configuration), config };
  await runNode({ settings: proxy, manifests, about, verifyEveryMs, log, signal: ending.signal });
  return hasChanged ? exitCodes.errors : exitCodes.clean;
}

/** The kubelet swaps a link beside a mounted file, so the folder is watched, and the text compared. */
function watchConfig({ name: path, text }: Source, onChange: (path: string) => void, signal: AbortSignal): void {
  const compare = async (): Promise<void> => {
    const now = await readFile(path, 'utf8').catch(() => undefined);
    if (now !== undefined && now !== text && !signal.aborted) onChange(path);
  };
  watch(dirname(path), { signal, persistent: false }, () => void compare()).on('error', () => undefined);
}
