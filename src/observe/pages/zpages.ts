/** kube-proxy's pages about itself: /flagz, /statusz, /configz and /proxyMode. */
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

export function createZpages(options: ZpagesOptions): readonly HttpRoute[] {
  return [
    { path: '/proxyMode', about: 'iptables or nftables', handler: () => textResponse(options.mode) },
    { path: '/configz', about: 'the configuration in force', handler: () => answerConfig(options.config) },
    { path: '/flagz', about: 'the flags in force', handler: plainText(() => formatFlags(options.flags)) },
    { path: '/statusz', about: 'version and uptime', handler: plainText(() => formatStatus(options)) },
  ];
}

function answerConfig(config: object): HttpResponse {
  return jsonResponse(printable(JSON.stringify({ 'kubeproxy.config.k8s.io': config })));
}

/** As kube-proxy, which answers 406 to callers who do not take text. */
function plainText(page: () => string): Handler {
  return ({ accept }) => {
    const isAccepted = accept === '' || /(^|[\s,])(\*\/\*|text\/\*|text\/plain)([\s,;]|$)/i.test(accept);
    if (!isAccepted) return textResponse('media type not acceptable, must be: text/plain\n', 406);
    return textResponse(printableLines(page()));
  };
}

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees ' +
  'and is for debugging purposes only.';

function formatFlags(flags: ZpagesOptions['flags']): string {
  const lines = Object.entries(flags)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return `\nrulewright flags\n${warning}\n\n${lines.join('\n')}\n`;
}

function formatStatus({ startedAtMs, now, version, paths }: ZpagesOptions): string {
  // The first folder of each path, as kube-proxy lists them.
  const folders = [...new Set(paths().map((path) => `/${path.split('/', 2)[1]}`))].sort();
  const lines = [
    `Started: ${new Date(startedAtMs).toUTCString()}`,
    `Up: ${formatUptime(now() - startedAtMs)}`,
    `Node version: ${process.version}`,
    `Binary version: ${version}`,
    `Paths: ${folders.join(' ')}`,
  ];
  return `\nrulewright statusz\n${warning}\n\n${lines.join('\n')}\n`;
}

function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  return `${hours} hr ${twoDigits(minutes % 60)} min ${twoDigits(seconds % 60)} sec`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
