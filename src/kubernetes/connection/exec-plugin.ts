/** Runs the exec plugin of a kubeconfig, which prints credentials: one at a time, and none longer than allowed. */
import type { RequestOptions } from 'node:https';
import { runCommand } from '../../child-process.ts';
import { fieldIn, get, isFields, textIn } from '../../core/manifest/value.ts';
import { durationText } from '../timing.ts';

/** Gives credentials, from memory until they expire. Rejects where the plugin gives none. */
export type ExecPlugin = (limitMs: number) => Promise<RequestOptions>;

/** `exec`: as in the kubeconfig, with absolute paths. */
export function createExecPlugin(exec: object): ExecPlugin {
  let known: { readonly options: RequestOptions; readonly untilMs: number } | undefined;
  return async (limitMs) => {
    if (known !== undefined && Date.now() < known.untilMs) return known.options;
    const status = await runPlugin(exec, limitMs);
    const expiresMs = Date.parse(textIn(status, 'expirationTimestamp'));
    known = { options: optionsOf(status), untilMs: Number.isNaN(expiresMs) ? Number.POSITIVE_INFINITY : expiresMs };
    return known.options;
  };
}

/** The `status` of its ExecCredential. */
async function runPlugin(exec: object, timeoutMs: number): Promise<unknown> {
  const command = textIn(exec, 'command');
  const outcome = await runCommand(command, textsOf(fieldIn(exec, 'args')), { timeoutMs, env: environmentOf(exec) });
  const failed = (why: string): Error => new Error(`the exec plugin ${command} ${why}`);
  switch (outcome.kind) {
    case 'missing':
      throw failed('is not there (ENOENT); install it, or correct the kubeconfig');
    case 'unstarted':
      throw failed(`cannot be started (${outcome.why})`);
    case 'killed':
      throw failed(`was stopped (${outcome.why}); its limit is ${durationText(timeoutMs)}`);
    case 'exited':
      break;
    default:
      return outcome satisfies never;
  }
  if (outcome.exitCode !== 0) throw failed(`ended with exit code ${outcome.exitCode}: ${outcome.stderr.slice(0, 500)}`);
  const status = fieldIn(parse(outcome.stdout), 'status');
  // What it printed may hold credentials, and is not repeated.
  if (!isFields(status)) throw failed('printed no ExecCredential with a status');
  return status;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function environmentOf(exec: object): Readonly<Record<string, string>> {
  const list = fieldIn(exec, 'env');
  const variables = Array.isArray(list) ? list.filter(isFields) : [];
  return Object.fromEntries(variables.map((variable) => [textIn(variable, 'name'), textIn(variable, 'value')]));
}

function optionsOf(status: unknown): RequestOptions {
  const fields = isFields(status) ? status : {};
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) => {
    const value = get(fields, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  });
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token.trim()}` } }),
  };
}
