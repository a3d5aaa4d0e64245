import { describe, expect, it } from 'vitest';
import { proxyFromEnvironment } from '../../../src/kubernetes/connection/proxy.ts';

const proxy = 'http://proxy.example:3128';

/** The address of the proxy for a server. */
function proxyOf(server: string, env: Readonly<Record<string, string>>): string | undefined {
  return proxyFromEnvironment(new URL(server), env)?.url;
}

describe('the proxy of the environment', () => {
  it('is that of the scheme, in either spelling, and may be a bare host and port', () => {
    expect(proxyOf('https://10.0.0.1:6443', { HTTPS_PROXY: proxy, HTTP_PROXY: 'x:1' })).toBe(proxy);
    expect(proxyOf('https://10.0.0.1:6443', { https_proxy: 'proxy.example:3128' })).toBe(proxy);
    expect(proxyOf('http://10.0.0.1:8080', { HTTP_PROXY: proxy })).toBe(proxy);
    expect(proxyOf('https://10.0.0.1:6443', { HTTP_PROXY: proxy })).toBeUndefined();
    expect(proxyOf('https://10.0.0.1:6443', { HTTPS_PROXY: '' })).toBeUndefined();
  });

  it.each(['https://localhost:6443', 'https://127.0.0.5:6443', 'https://[::1]:6443'])('is none for %s', (server) => {
    expect(proxyOf(server, { HTTPS_PROXY: proxy })).toBeUndefined();
  });

  it.each([
    ['https://api.example.org:6443', '*', true],
    ['https://api.example.org:6443', 'example.org', true],
    ['https://api.example.org:6443', '.example.org', true],
    ['https://api.example.org:6443', '*.example.org', true],
    ['https://example.org:6443', '.example.org', false],
    ['https://example.org:6443', 'EXAMPLE.org', true],
    ['https://notexample.org:6443', 'example.org', false],
    ['https://api.example.org:6443', 'a, api.example.org:6443', true],
    ['https://api.example.org', 'api.example.org:443', true],
    ['https://api.example.org:6443', 'api.example.org:443', false],
    ['https://10.96.0.1', '10.0.0.0/8', true],
    ['https://10.96.0.1', '10.96.0.1', true],
    ['https://10.96.0.1', '10.96.0.1:443', true],
    ['https://10.96.0.11', '10.96.0.1', false],
    ['https://192.0.2.1', '10.0.0.0/8,192.0.2.0/33,/8,x/8', false],
    ['https://[fd00::1]:6443', 'fd00::/8', true],
    ['https://[fd00::1]:6443', 'fd00::1', true],
    ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
    ['https://[2001:db8::1]', '10.0.0.0/8', false],
  ])('is none for %s with NO_PROXY=%s: %s', (server, excluded, isNone) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      expect(proxyOf(server, { HTTPS_PROXY: proxy, [name]: excluded })).toBe(isNone ? undefined : proxy);
    }
  });
});
