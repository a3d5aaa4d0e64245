import { describe, expect, it } from 'vitest';
import { readExplainFlags } from '../../../src/cli/explain/flags.ts';
import type { GivenFlags } from '../../../src/cli/flags/table.ts';

function errorsOf(given: GivenFlags): readonly string[] {
  const result = readExplainFlags('node', 'team/web', given);
  return 'errors' in result ? result.errors : [];
}

describe('the flags of explain', () => {
  it.each<[GivenFlags, string]>([
    [{}, '--filename: nothing given, want -f with a file, a directory or - (stdin)'],
    [{ filename: ['a'], proto: 'icmp' }, "--proto: got 'icmp', want tcp, udp or sctp"],
    [{ filename: ['a'], ipFamily: 'both' }, "--ip-family: got 'both', want ipv4 or ipv6"],
    [{ filename: ['a'], output: 'yaml' }, "--output: got 'yaml', want text or json"],
    [{ filename: ['a'], interface: 'a b' }, "--interface: got 'a b', want the name of an interface"],
    [{ filename: ['a'], mode: 'ipvs' }, "--mode: got 'ipvs', want iptables or nftables: ipvs mode is not supported"],
    [{ filename: ['a'], remembered: '10.0.0.1' }, "--remembered: got '10.0.0.1', want an endpoint"],
    [{ from: 'node:1' }, "--from: got 'node:1', want the debug address of rulewright such as http://127.0.0.1:10249"],
    [{ from: 'file:///etc/passwd' }, "--from: got 'file:///etc/passwd', want the debug address"],
    [{ from: 'http://127.0.0.1:1', filename: ['a'] }, '--from: the daemon knows its own cluster and rules'],
    [{ dump: '-', filename: ['-'] }, '--dump: got - (stdin), which --filename reads already'],
  ])('%j is refused', (given, message) => {
    expect(errorsOf(given)).toEqual([expect.stringContaining(message)]);
  });

  it('name all errors at once', () => {
    expect(errorsOf({ proto: 'x', masqueradeAll: 'maybe' })).toHaveLength(3);
  });

  it.each<[GivenFlags]>([[{ dump: 'rules.txt' }], [{ from: 'http://127.0.0.1:10249' }], [{ filename: ['a'] }]])(
    '%j is enough',
    (given) => {
      expect(errorsOf(given)).toEqual([]);
    },
  );

  it('make the question', () => {
    const given = { filename: ['a'], proto: 'UDP', ipFamily: 'IPv6', interface: 'eth0', remembered: '10.0.0.1:80' };
    expect(readExplainFlags('node', 'team/web', given)).toMatchObject({
      settings: {
        question: {
          source: 'node',
          destination: 'team/web',
          protocol: 'UDP',
          family: 'IPv6',
          inputInterface: 'eth0',
          remembered: '10.0.0.1:80',
        },
      },
    });
  });
});
