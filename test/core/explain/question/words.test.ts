import { describe, expect, it } from 'vitest';
import { queryOf, questionOf, readAnswer } from '../../../../src/core/explain/question/query.ts';
import { readDestination } from '../../../../src/core/explain/question/words.ts';
import { shareOf } from '../../../../src/core/explain/shares.ts';
import { nearestAddresses, similarNames } from '../../../../src/core/explain/similar.ts';
import { ownerOf } from '../../../../src/core/explain/walk/owner.ts';
import { rational } from '../../../../src/core/structures/rational.ts';
import { ip } from '../../../support/objects.ts';
import { probabilityOf } from '../probability.ts';

describe('the words for a destination', () => {
  it.each([
    ['10.96.0.10', { kind: 'address', address: '10.96.0.10' }],
    ['10.96.0.10:80', { kind: 'address', address: '10.96.0.10', port: 80 }],
    ['10.96.0.10:http', { kind: 'address', address: '10.96.0.10', port: 'http' }],
    ['fd00::10', { kind: 'address', address: 'fd00::10' }],
    ['[fd00::10]', { kind: 'address', address: 'fd00::10' }],
    ['[FD00::10]:80', { kind: 'address', address: 'fd00::10', port: 80 }],
    ['team/api', { kind: 'name', name: 'team/api' }],
    ['team/api:http', { kind: 'name', name: 'team/api', port: 'http' }],
    ['node:30080', { kind: 'word', word: 'node', port: 30080 }],
    ['localhost', { kind: 'word', word: 'localhost' }],
  ])('%s', (text, words) => {
    expect(readDestination(text)).toEqual(words);
  });

  it.each([
    '',
    'team',
    'team/api/http',
    'team/',
    '10.96.0.10:0',
    '10.96.0.10:65536',
    '[team/api]:80',
    '010.0.0.1',
    ':80',
  ])('are not %j', (text) => {
    expect(readDestination(text)).toBeUndefined();
  });
});

describe('whose a rule is', () => {
  const step = { table: 'nat', chain: 'KUBE-SERVICES', rule: 0 } as const;
  it.each([
    [step, 'team/web:http cluster IP', undefined, 'team/web:http'],
    [step, 'route pod traffic for team/web external destinations', undefined, 'team/web'],
    [step, 'kubernetes service portals', undefined, undefined],
    [step, 'helper for @no-endpoint-services / @no-endpoint-nodeports', undefined, undefined],
    [{ ...step, chain: 'KUBE-SVC-AAAA' }, undefined, 'team/web', 'team/web'],
    [{ ...step, chain: 'KUBE-POSTROUTING' }, undefined, 'team/web', undefined],
    [{ ...step, table: '', chain: 'service-ULMVA6XW-ns1/svc1/tcp/p80' }, undefined, undefined, 'ns1/svc1:p80'],
    [{ ...step, table: '', chain: 'endpoint-ULMVA6XW-ns1/svc1/tcp/__10.0.0.1/80' }, undefined, undefined, 'ns1/svc1'],
    [{ ...step, element: '10.0.0.1 . tcp . 80 : goto external-ULMVA6XW-a/b/tcp/c' }, undefined, undefined, 'a/b:c'],
    [{ ...step, owner: 'team/web:http TCP' }, undefined, undefined, 'team/web:http'],
  ])('%j, %s', (one, comment, before, owner) => {
    expect(ownerOf(one, comment, before)).toBe(owner);
  });
});

describe('what may have been meant', () => {
  it('is the same name elsewhere, then what differs little', () => {
    const names = ['team/web', 'other/wbe', 'taem/web', 'team/database'];
    expect(similarNames('team/wbe', names)).toEqual(['other/wbe', 'team/web']);
  });

  it('is nothing where all names are others', () => {
    expect(similarNames('team/web', ['shop/checkout'])).toEqual([]);
  });

  it('is the addresses that are nearest, of the same family', () => {
    const known = ['10.96.0.1', '10.96.0.9', '10.96.0.11', '10.96.9.9', 'fd00::1'].map(ip);
    expect(nearestAddresses(ip('10.96.0.10'), known)).toEqual(['10.96.0.9', '10.96.0.11', '10.96.0.1']);
  });
});

describe('shares', () => {
  it.each([
    [1n, 3n, { fraction: '1/3', percent: 33.3333 }],
    [1n, 1n, { fraction: '1', percent: 100 }],
    [0n, 1n, { fraction: '0', percent: 0 }],
  ])('%d/%d', (numerator, denominator, share) => {
    expect(shareOf(rational(numerator, denominator))).toEqual(share);
    expect(probabilityOf(shareOf(rational(numerator, denominator)))).toEqual(rational(numerator, denominator));
  });
});

describe('questions over HTTP', () => {
  it('come back as they were asked', () => {
    const question = {
      source: 'outside',
      destination: 'team/api:http',
      protocol: 'UDP',
      family: 'IPv6',
      inputInterface: 'eth0',
      remembered: '10.0.0.1:80',
    } as const;
    expect(questionOf(queryOf(question))).toEqual({ kind: 'resolved', value: question });
  });

  it.each([
    [{ src: 'node', dst: '10.0.0.1', port: '80' }, '10.0.0.1:80'],
    [{ src: 'node', dst: 'fd00::1', port: '80' }, '[fd00::1]:80'],
    [{ src: 'node', dst: '[fd00::1]', port: '80' }, '[fd00::1]:80'],
    [{ src: 'node', dst: 'team/api', port: 'http' }, 'team/api:http'],
  ])('may have the port by itself: %j', (query, destination) => {
    expect(questionOf(query)).toMatchObject({ kind: 'resolved', value: { destination } });
  });

  it.each([[{}], [{ src: 'node' }], [{ src: 'a', dst: 'b', proto: 'icmp' }], [{ src: 'a', dst: 'b', family: 'ipx' }]])(
    'are refused when they are none: %j',
    (query) => {
      expect(questionOf(query).kind).toBe('unclear');
    },
  );

  it.each([[null], [{}], [{ kind: 'explained', explanation: {} }], [{ kind: 'unclear', unclear: { code: 1 } }]])(
    'get no answer from %j',
    (json) => {
      expect(readAnswer(json)).toBeUndefined();
    },
  );
});
