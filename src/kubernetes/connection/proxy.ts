/**
 * The proxy that the environment names, as client-go finds it (Go's http.ProxyFromEnvironment): HTTPS_PROXY for https,
 * HTTP_PROXY for http, none for loopback addresses and for hosts in NO_PROXY. Names in lower case count too.
 */
import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentProxy {
  /** `http://proxy.example:3128` */
  readonly url: string;
  /** The variable that names it. */
  readonly variable: string;
}

export function proxyFromEnvironment(
  { protocol, hostname, port }: URL,
  env: Environment,
): EnvironmentProxy | undefined {
  const names = protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const variable = names.find((name) => (env[name] ?? '') !== '');
  const value = variable === undefined ? undefined : env[variable];
  if (variable === undefined || value === undefined) return undefined;
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isLoopbackHost(host)) return undefined;
  const excluded = (env['NO_PROXY'] || env['no_proxy'] || '').split(',').map((entry) => entry.trim().toLowerCase());
  if (excluded.some((entry) => entry !== '' && excludes(entry, host, port || defaultPorts[protocol]))) return undefined;
  return { url: /^\w+:\/\//.test(value) ? value : `http://${value}`, variable };
}

const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `*`, an address, a block, or a name with all below it; `.example.org` is only what is below; a port may follow. */
function excludes(entry: string, host: string, port: string | undefined): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInBlock(entry, host);
  const [, name = entry, wantedPort] = isIP(entry) === 0 ? (/^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []) : [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  const domain = name.replace(/^\*\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isInBlock(block: string, host: string): boolean {
  const [address = '', length = ''] = block.split('/', 2);
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const bits = Number(length);
  if (isIP(address) === 0 || isIP(host) !== isIP(address)) return false;
  if (!/^\d+$/.test(length) || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(host, family);
}
