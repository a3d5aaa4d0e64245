import { describe, expect, it } from 'vitest';
import { readDestination } from '../../../../src/core/explain/question/words.ts';

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
