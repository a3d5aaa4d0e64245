/** Reads a kubeconfig file, so that what is wrong with it is named, and hands it to the client library. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { get, isFields, type JsonFields, textIn } from '../../core/manifest/value.ts';
import { plainText } from '../../core/structures/safe-text.ts';
import { ConnectError } from './connect-error.ts';

/** The configuration in a file, `master` in place of its server. Throws a ConnectError. */
export function loadKubeconfig(path: string, master: string): KubeConfig {
  const fields = parseKubeconfig(path, readText(path));
  const chosen = chooseContext(path, fields, master);
  const config = new KubeConfig();
  try {
    // The library reads YAML, and JSON is YAML.
    config.loadFromString(JSON.stringify(chosen));
  } catch (error) {
    throw new ConnectError(`${path}: ${error instanceof Error ? plainText(error.message) : 'cannot be read'}`);
  }
  config.makePathsAbsolute(dirname(path));
  return config;
}

function readText(path: string): string {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor);
      if (stats.isFIFO()) return readPipe(descriptor);
      if (!stats.isFile())
        throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'it is a device' });
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') {
      throw new ConnectError(
        `there is no kubeconfig ${path}; correct the path, or leave it out to use the service account of the pod`,
      );
    }
    throw new ConnectError(`the kubeconfig ${path} cannot be read (${plainText(String(code))}); check who may read it`);
  }
}

/** A pipe, such as the shell's `<(…)`, is waited for this long. */
const longestPipeMs = 10_000;

/** Blocks while it waits: nothing else goes on before the configuration is known. */
function readPipe(descriptor: number): string {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const chunks: Buffer[] = [];
  for (let waitedMs = 0; waitedMs < longestPipeMs; ) {
    const chunk = readSome(descriptor);
    if (chunk !== undefined && chunk.length > 0) chunks.push(chunk);
    // Nothing at all: its writer has not come yet.
    else if (chunk !== undefined && chunks.length > 0) return Buffer.concat(chunks).toString('utf8');
    else {
      Atomics.wait(pause, 0, 0, 20);
      waitedMs += 20;
    }
  }
  throw Object.assign(new Error('no end'), { code: `a pipe that has not ended after ${longestPipeMs / 1000} s` });
}

/** Empty at the end; undefined where there is nothing yet. */
function readSome(descriptor: number): Buffer | undefined {
  const buffer = Buffer.alloc(65_536);
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** What the parser says about a bad file quotes it, and with it perhaps a token: only the place is passed on. */
function parseKubeconfig(path: string, text: string): JsonFields {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new ConnectError(`the kubeconfig ${path} is not YAML${placeOf(error)}`);
  }
  if (isFields(value)) return value;
  throw new ConnectError(`the kubeconfig ${path} holds no configuration; it needs clusters, users and contexts`);
}

function placeOf(error: unknown): string {
  if (!isFields(error) || !Array.isArray(error['linePos'])) return '';
  return ` (line ${Number(error['linePos'][0]?.line)})`;
}

/** Only the current context, its cluster and its user: what is wrong with others does not matter here. */
function chooseContext(path: string, fields: JsonFields, master: string): JsonFields {
  const name = textIn(fields, 'current-context');
  if (name === '')
    throw new ConnectError(`${path}: current-context is missing; name one of ${namesIn(fields, 'contexts')}`);
  const context = find(path, fields, 'contexts', name);
  const clusterName = textIn(get(context, 'context'), 'cluster');
  const cluster = find(path, fields, 'clusters', clusterName);
  const details = get(cluster, 'cluster');
  const server = master === '' ? textIn(details, 'server') : master;
  if (server === '') {
    throw new ConnectError(`${path}: cluster ${plainText(clusterName)} has no server; add it, or give --master`);
  }
  const userName = textIn(get(context, 'context'), 'user');
  const user = userName === '' ? { name: '', user: {} } : find(path, fields, 'users', userName);
  return {
    'current-context': name,
    contexts: [{ name, context: { cluster: clusterName, user: userName || anonymous } }],
    clusters: [{ name: clusterName, cluster: { ...(isFields(details) ? details : {}), ...serverFields(server) } }],
    users: [{ name: userName || anonymous, user: completeUser(get(user, 'user'), dirname(path)) }],
  };
}

const anonymous = 'anonymous';

/** The library refuses plain HTTP unless TLS may be skipped; there is none to skip. */
function serverFields(server: string): JsonFields {
  return server.startsWith('http:') ? { server, 'insecure-skip-tls-verify': true } : { server };
}

function find(path: string, fields: JsonFields, list: 'contexts' | 'clusters' | 'users', name: string): JsonFields {
  const entry = entriesOf(fields, list).find((candidate) => textIn(candidate, 'name') === name);
  if (entry !== undefined) return entry;
  const what = `${list.slice(0, -1)} ${plainText(JSON.stringify(name))}`;
  throw new ConnectError(`${path}: there is no ${what} in it, only ${namesIn(fields, list)}`);
}

function entriesOf(fields: JsonFields, list: string): readonly JsonFields[] {
  const entries = get(fields, list);
  return Array.isArray(entries) ? entries.filter(isFields) : [];
}

function namesIn(fields: JsonFields, list: string): string {
  return (
    plainText(
      entriesOf(fields, list)
        .map((entry) => textIn(entry, 'name'))
        .join(', '),
    ) || 'none'
  );
}

/** What the library does not know of: `tokenFile`, and what client-go tells exec plugins. */
function completeUser(user: unknown, folder: string): JsonFields {
  if (!isFields(user)) return {};
  const provider = textIn(get(user, 'auth-provider'), 'name');
  // The library would run their programs without a limit.
  if (provider === 'gcp' || provider === 'azure') {
    throw new ConnectError(`the auth provider ${provider} left Kubernetes in 1.26; use its exec plugin (kubelogin)`);
  }
  const { tokenFile, token, exec, ...rest } = user;
  const authProvider = { name: 'tokenFile', config: { tokenFile: resolve(folder, String(tokenFile)) } };
  return {
    ...rest,
    ...(typeof tokenFile === 'string' && tokenFile !== '' ? { 'auth-provider': authProvider } : { token }),
    ...(isFields(exec) ? { exec: completeExec(exec, folder) } : {}),
  };
}

function completeExec(exec: JsonFields, folder: string): JsonFields {
  const info = { apiVersion: textIn(exec, 'apiVersion'), kind: 'ExecCredential', spec: { interactive: false } };
  const env = Array.isArray(exec['env']) ? (exec['env'] as readonly unknown[]) : [];
  const command = textIn(exec, 'command');
  return {
    ...exec,
    // A bare name is searched in PATH; a path is relative to the file.
    command: command.includes('/') ? resolve(folder, command) : command,
    env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  };
}
