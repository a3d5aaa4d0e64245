import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/core/structures/safe-text.ts';
import { formatTextLine } from '../../../src/observe/logs/text-line.ts';
import { memoryLog } from './memory.ts';

const esc = '\u001b';

describe('the text format', () => {
  it('is time, level, message and fields on one line', () => {
    const { log, lines } = memoryLog();
    log.info('Synced', { sync: 12, cause: 'change', IPv4: { elements: '+3~1', applyMs: 16.1 }, list: ['a', 'b'] });
    log.error('Not sent', { problem: 'no such file' });
    expect(lines).toEqual([
      '2026-11-26T11:02:19.123Z info  Synced sync=12 cause=change IPv4.elements=+3~1 IPv4.applyMs=16.1 list=["a","b"]',
      '2026-11-26T11:02:19.123Z error Not sent problem="no such file"',
    ]);
  });

  it('quotes what could be taken for another field', () => {
    const { log, lines } = memoryLog();
    log.info('m', { a: 'x=y', b: '', c: 'say "hi"', d: undefined, e: null, f: 'plain/word:1' });
    expect(lines[0]).toMatch(/ m a="x=y" b="" c="say \\"hi\\"" e=null f=plain\/word:1$/);
  });
});

describe('the JSON format', () => {
  it('has the keys of kube-proxy: ts in milliseconds, level, msg', () => {
    const { log, lines } = memoryLog({ format: 'json' });
    log.warn('Restored rules that another program had changed', {
      family: 'IPv4',
      lost: ['chain nat KUBE-SERVICES is gone'],
    });
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      ts: 1795690939123,
      msg: 'Restored rules that another program had changed',
      family: 'IPv4',
      lost: ['chain nat KUBE-SERVICES is gone'],
    });
  });

  it('stays the same JSON when it hides what a terminal acts on', () => {
    const { log, lines } = memoryLog({ format: 'json' });
    const hostile = `${esc}[2J\u202e\u2028\u0085\ud800 %s %d \\ "`;
    log.info('m', { hostile });
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}]/u);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ hostile });
  });
});

describe('levels', () => {
  const shownAt = (verbosity: number): readonly string[] => {
    const { log, lines } = memoryLog({ verbosity });
    for (const level of ['error', 'warn', 'info', 'debug', 'trace'] as const) log[level](level);
    return lines.map((line) => line.split(' ').at(-1) ?? '');
  };

  it('are set by -v: 0 and 1 up to info, 2 and 3 debug too, from 4 on all', () => {
    const usual = ['error', 'warn', 'info'];
    expect([0, 1, 2, 3, 4, 10].map(shownAt)).toEqual([
      usual,
      usual,
      [...usual, 'debug'],
      [...usual, 'debug'],
      [...usual, 'debug', 'trace'],
      [...usual, 'debug', 'trace'],
    ]);
  });
});

describe('hostile text', () => {
  it.each(['text', 'json'] as const)('makes neither a second line nor a command for the terminal, in %s', (format) => {
    const { log, lines } = memoryLog({ format });
    const hostile = `a\nb\r${esc}]0;title\u0007\u202e`;
    log.error(`Service ${hostile}`, { [hostile]: hostile, nested: { deep: [hostile] }, error: new Error(hostile) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(lines[0]).toContain('u001b]0;title');
  });

  it('comes out of a JSON record as it went in, whatever it is, and the record is safe to print', () => {
    const hostileText = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(hostileText, hostileText, (message, value) => {
        const { log, lines } = memoryLog({ format: 'json' });
        log.info(message, { value });
        expect(lines).toHaveLength(1);
        expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: message, value });
      }),
      { seed: 20_261_126, numRuns: 300 },
    );
  });

  it('is not taken for a format', () => {
    const { log, lines } = memoryLog();
    log.info('100% of %s and %o', { a: 1 });
    expect(lines[0]).toContain('info  100% of %s and %o a=1');
  });

  it('is cut where it is long, wide or deep', () => {
    const { log, lines } = memoryLog();
    log.info('m', {
      long: 'x'.repeat(10_000_000),
      wide: Array.from({ length: 100_000 }, () => 'y'),
      deep: { a: { b: { c: { d: { e: 1 } } } } },
    });
    expect(lines[0]?.length).toBeLessThan(4000);
    expect(lines[0]).toContain('… (10000000 characters)');
    expect(lines[0]).toContain('… 99900 more');
    expect(lines[0]).toContain('deep.a.b.c.d=…');
  });
});

describe('secrets', () => {
  const token = `eyJhbGciOiJSUzI1NiJ9.${'c3ViamVjdA'.repeat(4)}.${'c2lnbmF0dXJl'.repeat(4)}`;
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----';

  it.each([
    ['a bearer token', `401 for Bearer ${'abcdef0123456789'}`, 'abcdef0123456789'],
    ['a JSON web token', `refused: ${token}!`, 'c2lnbmF0dXJl'],
    ['a private key', `bad key ${key}`, 'MIIEowIBAAKCAQEA'],
    ['a private key that is cut off', `bad key ${key.slice(0, 50)}`, 'MIIEowIBAAKCAQEA'],
    ['the password of a URL', 'cannot reach https://admin:hunter22@10.0.0.1:6443/api', 'hunter22'],
  ])('%s is not shown, wherever it stands', (_what, text, secret) => {
    const { log, lines } = memoryLog({ verbosity: 4 });
    log.error(text, { text, nested: { list: [text] }, error: new Error(text) });
    expect(lines[0]).not.toContain(secret);
    expect(lines[0]?.match(/\[secret\]/g)).toHaveLength(4);
  });

  it('fields with the name of a secret are not shown', () => {
    const { log, lines } = memoryLog();
    const names = ['token', 'bearerToken', 'Authorization', 'password', 'client-key-data', 'clientSecret', 'keyData'];
    log.info('m', Object.fromEntries(names.map((name) => [name, 'hunter22'])));
    expect(lines[0]).not.toContain('hunter22');
  });

  it('leaves everything else alone', () => {
    const { log, lines } = memoryLog();
    const harmless = 'https://10.0.0.1:6443/api/v1/services?watch=1 basic auth';
    log.info(harmless);
    expect(lines[0]).toContain(harmless);
  });

  it('takes little time for text that is made to take long', () => {
    const { log, lines } = memoryLog();
    const before = performance.now();
    log.info('m', { text: '-----BEGIN PRIVATE KEY-----'.repeat(100_000), url: `//${'a:'.repeat(100_000)}` });
    expect(lines).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe('both formats', () => {
  it('say the same, whatever the fields are', () => {
    const value = fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 5 });
    const names = fc.string({ maxLength: 10 }).filter((name) => name !== 'toJSON');
    fc.assert(
      fc.property(fc.dictionary(names, value), (fields) => {
        const [text, json] = [memoryLog(), memoryLog({ format: 'json' })];
        text.log.info('message', fields);
        json.log.info('message', fields);
        expect(text.lines[0]).toBe(printable(formatTextLine(JSON.parse(json.lines[0] ?? ''))));
      }),
      { seed: 20_261_126, numRuns: 500 },
    );
  });
});
