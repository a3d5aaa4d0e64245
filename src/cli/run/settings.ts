/** From the command line of `rulewright run` to the settings of the daemon. */
import { type ClaimFlags, readClaimFlags } from '../../configuration/claim-flags.ts';
import type { Configuration } from '../../configuration/fields.ts';
import { parseHostPort } from '../../configuration/host-port.ts';
import * as kinds from '../../configuration/kinds.ts';
import type { Parsed } from '../../configuration/parsed.ts';
import { type FlagFlaw, type FlagTexts, lastText } from '../../configuration/read-flags.ts';
import { readSettings } from '../../configuration/read-settings.ts';
import { describeUnfit } from '../../configuration/setting-problem.ts';
import { type ProxySettings, proxySettings } from '../../configuration/settings.ts';
import { writeConfiguration } from '../../configuration/write.ts';
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { DebugSettings } from '../../daemon/servers.ts';
import type { Finding } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';
import { flagTexts } from '../flags/table.ts';
import { readConfigFile } from '../inputs/config-file.ts';

export interface RunSettings {
  readonly task: RunTask;
  readonly proxy: ProxySettings;
  /** Every field with the value in use: `configurationObject` makes /configz of it. */
  readonly configuration: Configuration;
  /** The file of --config as it was read: the daemon says when it changes. */
  readonly configFile: Source | undefined;
  /** Folder that takes the API server's place. */
  readonly manifests: string | undefined;
  /** A folder without a Service is meant. */
  readonly allowEmpty: boolean;
  /** Undefined: only on request. */
  readonly verifyEveryMs: number | undefined;
  readonly debug: DebugSettings;
}

/** What to do: of several flags the first of these counts, as in kube-proxy. */
export type RunTask =
  /** `path`: `-` is standard output. */
  | { readonly kind: 'write-config'; readonly path: string; readonly text: string }
  | { readonly kind: 'cleanup' }
  | { readonly kind: 'init-only' }
  | { readonly kind: 'run' };

export type ReadRun =
  | { readonly settings: RunSettings; readonly warnings: readonly Finding[] }
  | { readonly errors: readonly Finding[] };

/** `collected`: as commander collects it. Reads the file of --config, and nothing else. All errors come at once. */
export async function readRunSettings(collected: object): Promise<ReadRun> {
  const texts = flagTexts(collected);
  const file = await readConfigFile(lastText(texts, 'config'));
  if (file !== undefined && 'problem' in file) return { errors: [{ diagnostic: file }] };
  const { configuration, flaws, findings: found } = readSettings({ texts, file });
  const own = readOwnFlags(texts);
  const findings = [...[...flaws, ...own.flaws].map((flaw) => ({ diagnostic: diagnosticOf(flaw) })), ...found];
  if (findings.some(({ diagnostic }) => diagnostic.severity === 'error')) return { errors: findings };
  return {
    settings: {
      task: taskOf(own, configuration),
      proxy: proxySettings(configuration, own),
      configuration,
      configFile: file,
      manifests: lastText(texts, 'manifests') || undefined,
      allowEmpty: own.allowEmpty,
      verifyEveryMs: own.verifyEveryMs,
      debug: { address: own.debugAddress, allowedHosts: own.allowedHosts },
    },
    warnings: findings,
  };
}

function diagnosticOf({ flag, ...flaw }: FlagFlaw): Diagnostic {
  const about = { code: 'flag-invalid', severity: 'error', object: { kind: 'Flag', name: flag }, field: '' } as const;
  return { ...about, ...describeUnfit(flaw) };
}

interface OwnFlags {
  readonly layout: ProxySettings['node']['layout'];
  readonly claims: ClaimFlags;
  readonly master: string;
  readonly verifyEveryMs: number | undefined;
  readonly debugAddress: DebugSettings['address'];
  readonly allowedHosts: readonly string[];
  readonly writeConfigTo: string;
  readonly cleanup: boolean;
  readonly initOnly: boolean;
  readonly allowEmpty: boolean;
}

/** The flags that no field of the file has. */
function readOwnFlags(texts: FlagTexts): OwnFlags & { readonly flaws: readonly FlagFlaw[] } {
  const flaws: FlagFlaw[] = [];
  const take = <T>(name: string, parse: (text: string) => Parsed<T | undefined>): T | undefined => {
    const parsed = parse(lastText(texts, name) ?? '');
    if ('value' in parsed) return parsed.value;
    flaws.push({ flag: `--${name}`, ...parsed });
    return undefined;
  };
  return {
    layout: take('layout', kinds.choice(['fast', 'kube-proxy']).parse) ?? 'fast',
    claims: readClaimFlags(take),
    master: take('master', parseUrl) ?? '',
    verifyEveryMs: take('verify-every', kinds.period.parse),
    debugAddress: take('debug-address', parseDebugAddress),
    allowedHosts: (texts.get('allowed-hosts') ?? []).flatMap((text) => text.split(',')).filter((name) => name !== ''),
    writeConfigTo: lastText(texts, 'write-config-to') ?? '',
    cleanup: take('cleanup', kinds.boolean.parse) ?? false,
    allowEmpty: take('allow-empty', kinds.boolean.parse) ?? false,
    initOnly: take('init-only', kinds.boolean.parse) ?? false,
    flaws,
  };
}

function parseDebugAddress(text: string): Parsed<DebugSettings['address']> {
  if (text === '') return { value: undefined };
  const value = parseHostPort(text, defaultDebugPort);
  return value === undefined ? { got: text, want: 'an address such as 192.168.0.2:10259' } : { value };
}

const defaultDebugPort = 10259;

/** kube-proxy takes a bare `host:port`, too, and speaks HTTP with it, which would send credentials in clear. */
function parseUrl(text: string): Parsed<string | undefined> {
  if (text === '') return { value: undefined };
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null;
  return url === null ? { got: text, want: 'an address such as https://10.0.0.1:6443' } : { value: text };
}

function taskOf({ writeConfigTo, cleanup, initOnly }: OwnFlags, configuration: Configuration): RunTask {
  if (writeConfigTo !== '')
    return { kind: 'write-config', path: writeConfigTo, text: writeConfiguration(configuration) };
  if (cleanup) return { kind: 'cleanup' };
  return initOnly ? { kind: 'init-only' } : { kind: 'run' };
}
