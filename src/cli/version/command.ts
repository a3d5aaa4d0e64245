/** `rulewright version`, and `rulewright run --version` as kube-proxy has it. */
import process from 'node:process';
import { refuseUsage } from '../execute.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { flagReader, oneOf } from '../flags/reading.ts';
import type { GivenFlags } from '../flags/table.ts';
import { formatJson } from '../output/json.ts';
import { writeResult } from '../output/report.ts';
import { programVersion } from '../version.ts';

/** Runs the command. */
export function runVersion(given: GivenFlags): Promise<ExitCode> {
  const { errors, read } = flagReader(given);
  const output = read('output', oneOf('text', 'json'), 'text');
  return errors.length > 0 ? refuseUsage(errors, 'version', given.output) : printVersion(output);
}

/** `raw`: one line with all that is known, as `kube-proxy --version=raw` prints it. */
export async function printVersion(output: 'text' | 'raw' | 'json'): Promise<ExitCode> {
  const version = programVersion();
  const platform = `${process.platform}/${process.arch}`;
  const texts = {
    text: () => `rulewright ${version}\n`,
    raw: () => `rulewright{Version:"${version}", NodeVersion:"${process.version}", Platform:"${platform}"}\n`,
    json: () => formatJson('version', { node: process.version, platform }, []),
  };
  return (await writeResult(texts[output]())) === 'written' ? exitCodes.clean : exitCodes.errors;
}
