/** kube-proxy's pages about itself: /flagz, /statusz, /configz, /proxyMode and the log level at /debug/flags/v. */
import type { ProxyMode } from '../../core/model/config.ts';
import { printable, printableLines } from '../../core/structures/safe-text.ts';
import type { Handler } from '../http/response.ts';
import { type HttpResponse, jsonResponse, textResponse } from '../http/response.ts';
import type { HttpRoute } from '../http/routes.ts';

export interface ZpagesOptions {
  readonly mode: ProxyMode;
  /** Every flag with its value, as text. */
  readonly flags: Readonly<Record<string, string>>;
  /** The KubeProxyConfiguration as it is in force, with kube-proxy's field names. */
  readonly config: object;
  /** rulewright's version. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly now: () => number;
  /** All paths of the server. */
  readonly paths: () => readonly string[];
}

/** The kube-proxy whose behaviour this is. */
const emulatedVersion = '1.36';

export function createZpages(options: ZpagesOptions): readonly HttpRoute[] {
  const flags: Zpage = {
    kind: 'Flagz',
    text: () => formatFlags(options.flags),
    fields: () => ({ flags: options.flags }),
  };
  const status: Zpage = {
    kind: 'Statusz',
    text: () => formatStatus(options),
    fields: () => statusFields(options),
  };
  return [
    { path: '/proxyMode', about: 'iptables or nftables', handler: () => textResponse(options.mode) },
    { path: '/configz', about: 'the configuration in force', handler: () => answerConfig(options.config) },
    { path: '/flagz', about: 'the flags in force, as text or JSON', handler: answerZpage(flags) },
    { path: '/statusz', about: 'version and uptime, as text or JSON', handler: answerZpage(status) },
  ];
}

/** Changes the log level while the program runs, as kube-proxy's page with profiling does. */
export function createVerbosityRoute(setVerbosity: (verbosity: number) => void): HttpRoute {
  return {
    path: '/debug/flags/v',
    about: 'PUT a number to change the verbosity of the log, as -v',
    takesPut: true,
    handler: ({ method, body }) => {
      if (method !== 'PUT') return textResponse('unsupported http method\n', 406);
      if (!/^\d{1,4}$/.test(body)) return textResponse('400 want the number of a log level, as for -v\n', 400);
      setVerbosity(Number(body));
      return textResponse(`successfully set klog.logging.verbosity to ${body}\n`);
    },
  };
}

function answerConfig(config: object): HttpResponse {
  return jsonResponse(printable(JSON.stringify({ 'kubeproxy.config.k8s.io': config })));
}

interface Zpage {
  readonly kind: 'Flagz' | 'Statusz';
  readonly text: () => string;
  /** What the JSON has besides kind, apiVersion and metadata. */
  readonly fields: () => object;
}

/**
 * As kube-proxy's: text, or JSON to callers who name its type, as in
 * `application/json;as=Statusz;v=v1beta1;g=config.k8s.io`. kube-proxy answers 406 to plain `application/json`; here it
 * means the newest version.
 */
function answerZpage(page: Zpage): Handler {
  return ({ accept }) => {
    for (const range of accept === '' ? ['text/plain'] : accept.split(',')) {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      if (['*/*', 'text/*', 'text/plain'].includes(type)) return textResponse(printableLines(page.text()));
      const version = type === 'application/json' ? jsonVersion(parameters, page.kind) : undefined;
      if (version !== undefined) return answerJson(page, version);
    }
    return textResponse(
      `406 not acceptable; want text/plain, or application/json;as=${page.kind};v=v1beta1;g=config.k8s.io\n`,
      406,
    );
  };
}

function jsonVersion(parameters: readonly string[], kind: Zpage['kind']): 'v1alpha1' | 'v1beta1' | undefined {
  const given = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
  const version = given.get('v') ?? 'v1beta1';
  const isOurs = (given.get('as') ?? kind.toLowerCase()) === kind.toLowerCase();
  const isGroup = (given.get('g') ?? 'config.k8s.io') === 'config.k8s.io';
  return isOurs && isGroup && (version === 'v1alpha1' || version === 'v1beta1') ? version : undefined;
}

function answerJson({ kind, fields }: Zpage, version: string): HttpResponse {
  const body = { kind, apiVersion: `config.k8s.io/${version}`, metadata: { name: 'rulewright' }, ...fields() };
  return {
    ...jsonResponse(`${printableLines(JSON.stringify(body, undefined, 2))}\n`),
    contentType: `application/json;g=config.k8s.io;v=${version};as=${kind}`,
  };
}

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees ' +
  'and is for debugging purposes only.';

function formatFlags(flags: ZpagesOptions['flags']): string {
  const lines = Object.entries(flags)
    .map(([name, value]) => `${name}: ${value}`)
    .sort();
  return `\nrulewright flagz\n${warning}\n${lines.join('\n')}\n`;
}

function formatStatus(options: ZpagesOptions): string {
  const { startTime, uptimeSeconds, nodeVersion, binaryVersion, emulationVersion, paths } = statusFields(options);
  const lines = [
    `Started:  ${new Date(startTime).toUTCString()}`,
    `Up:  ${formatUptime(uptimeSeconds)}`,
    `Node version:  ${nodeVersion}`,
    `Binary version:  ${binaryVersion}`,
    `Emulation version:  ${emulationVersion}`,
    `Paths:  ${paths.join(' ')}`,
  ];
  return `\nrulewright statusz\n${warning}\n\n${lines.join('\n')}\n`;
}

function statusFields({ startedAtMs, now, version, paths }: ZpagesOptions) {
  return {
    startTime: new Date(startedAtMs).toISOString(),
    uptimeSeconds: Math.max(0, Math.floor((now() - startedAtMs) / 1000)),
    nodeVersion: process.version,
    binaryVersion: version,
    emulationVersion: emulatedVersion,
    // The pages for debugging are listed by /debug/.
    paths: paths()
      .filter((path) => path === '/debug/' || !path.startsWith('/debug'))
      .sort(),
  };
}

function formatUptime(uptimeSeconds: number): string {
  const [minutes, hours] = [Math.floor(uptimeSeconds / 60), Math.floor(uptimeSeconds / 3600)];
  return `${hours} hr ${twoDigits(minutes % 60)} min ${twoDigits(uptimeSeconds % 60)} sec`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
