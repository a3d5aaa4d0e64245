import { describe, expect, it } from 'vitest';
import { queryOf, questionOf, readAnswer } from '../../../../src/core/explain/question/query.ts';

describe('questions over HTTP', () => {
  it('are read back unchanged', () => {
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
  ])('may have a separate port: %j', (query, destination) => {
    expect(questionOf(query)).toMatchObject({ kind: 'resolved', value: { destination } });
  });

  it.each([[{}], [{ src: 'node' }], [{ src: 'a', dst: 'b', proto: 'icmp' }], [{ src: 'a', dst: 'b', family: 'ipx' }]])(
    'are rejected if invalid: %j',
    (query) => {
      expect(questionOf(query).kind).toBe('unclear');
    },
  );

  it.each([[null], [{}], [{ kind: 'explained', explanation: {} }], [{ kind: 'unclear', unclear: { code: 1 } }]])(
    'reject the malformed answer %j',
    (json) => {
      expect(readAnswer(json)).toBeUndefined();
    },
  );
});
