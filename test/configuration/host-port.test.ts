import { expect, it } from 'vitest';
import { formatListenAddress, parseHostPort } from '../../src/configuration/host-port.ts';

it.each<[string, string]>([
  ['0.0.0.0:10256', '0.0.0.0:10256'],
  ['127.0.0.1', '127.0.0.1:1234'],
  ['::1', '[::1]:1234'],
  ['[::]:10256', '[::]:10256'],
  [':10256', '0.0.0.0:10256'],
])('%s is read as %s', (text, wanted) => {
  const parsed = parseHostPort(text, 1234);
  expect(parsed && formatListenAddress(parsed)).toBe(wanted);
});

it.each(['', ':', ':0', '1.2.3.4:', '1.2.3.4:65536', '1.2.3.4:080', '[1.2.3.4]:80', '[]:80', 'localhost:80', 'a'])(
  '%j is none',
  (text) => {
    expect(parseHostPort(text, 1234)).toBeUndefined();
  },
);
