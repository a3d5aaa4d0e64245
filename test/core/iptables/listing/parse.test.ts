import { describe, expect, it } from 'vitest';
import { parseRuleset } from '../../../../src/core/iptables/listing/parse.ts';
import { printRule } from '../../../../src/core/iptables/print/print.ts';
import type { IptablesRule } from '../../../../src/core/iptables/ruleset.ts';
import type { IpFamily } from '../../../../src/core/model/address.ts';

function parseRules(lines: readonly string[], family: IpFamily = 'IPv4') {
  const text = ['*nat', ':KUBE-X - [0:0]', ':KUBE-Y - [0:0]', ...lines, 'COMMIT', ''].join('\n');
  const { ruleset, problems } = parseRuleset(family, text);
  return { rules: ruleset.tables[0]?.chains[0]?.rules ?? [], problems };
}

function parseOne(words: string, family: IpFamily = 'IPv4'): IptablesRule | undefined {
  const { rules, problems } = parseRules([`-A KUBE-X ${words}`], family);
  expect(problems).toStrictEqual([]);
  return rules[0];
}

describe('a rule', () => {
  it('is read in the order of kube-proxy', () => {
    const rule = parseOne(
      '-m comment --comment "ns/s:p cluster IP" -m tcp -p tcp -d 10.9.0.1 --dport 80 ! -s 10.0.0.0/8 -j KUBE-Y',
    );
    expect(rule).toStrictEqual({
      match: {
        destination: { value: '10.9.0.1/32' },
        source: { value: '10.0.0.0/8', negated: true },
        protocol: 'TCP',
        destinationPort: { from: 80, to: 80 },
      },
      target: { kind: 'jump', chain: 'KUBE-Y' },
      comment: 'ns/s:p cluster IP',
    });
  });

  // What is written, and how iptables-save shows it.
  it.each([
    ['-s 10.0.0.1', '-s 10.0.0.1/32'],
    ['--source 10.1.2.3/8 --dst 10.0.0.0/255.0.0.0', '-s 10.0.0.0/8 -d 10.0.0.0/8'],
    ['-o lo -i eth+', '-i eth+ -o lo'],
    ['-p TCP -m tcp', '-p tcp'],
    ['-p 17 --dport 53', '-p udp -m udp --dport 53'],
    ['-p sctp -m sctp --destination-port :90', '-p sctp -m sctp --dport 0:90'],
    ['-p tcp -m tcp --dport 80:80', '-p tcp -m tcp --dport 80'],
    ['-p all', ''],
    ['-c 5 10 -j ACCEPT', '-j ACCEPT'],
    ['-m addrtype --dst-type LOCAL -m addrtype ! --src-type LOCAL', '-m addrtype ! --src-type LOCAL --dst-type LOCAL'],
    ['-m conntrack --ctstate DNAT,NEW', '-m conntrack --ctstate NEW,DNAT'],
    ['-m state ! --state INVALID', '-m conntrack ! --ctstate INVALID'],
    ['-m mark --mark 010', '-m mark --mark 0x8'],
    ['-m mark ! --mark 16384/0x4000', '-m mark ! --mark 0x4000/0x4000'],
    ['-m statistic --mode random --probability 0.3333333333', '-m statistic --mode random --probability 0.33333333349'],
    ['-m recent --name A --set', '-m recent --set --name A --mask 255.255.255.255 --rsource'],
    [
      '-m recent --rcheck --seconds 9',
      '-m recent --rcheck --seconds 9 --name DEFAULT --mask 255.255.255.255 --rsource',
    ],
    [
      '-m conntrack --ctstate INVALID -m nfacct --nfacct-name x',
      '-m conntrack --ctstate INVALID -m nfacct --nfacct-name  x',
    ],
    ['-j MARK --or-mark 0x4000', '-j MARK --set-xmark 0x4000/0x4000'],
    ['-j MARK --xor-mark 0x4000', '-j MARK --set-xmark 0x4000/0x0'],
    ['-j MARK --and-mark 0xff', '-j MARK --set-xmark 0x0/0xffffff00'],
    ['-j MARK --set-mark 5', '-j MARK --set-xmark 0x5/0xffffffff'],
    ['-j MARK --set-mark 5/0xf0', '-j MARK --set-xmark 0x5/0xf5'],
    ['-j MARK --set-xmark 5', '-j MARK --set-xmark 0x5/0xffffffff'],
    ['-j REJECT', '-j REJECT --reject-with icmp-port-unreachable'],
    ['-p tcp -j DNAT --to-destination 10.0.0.1:80', '-p tcp -j DNAT --to-destination 10.0.0.1:80'],
    ['-j DNAT --to-destination 10.0.0.1', '-j DNAT --to-destination 10.0.0.1'],
    ['-j RETURN -p udp', '-p udp -j RETURN'],
    ['-g KUBE-Y', '-g KUBE-Y'],
    ['-j NOT-DECLARED', '-j NOT-DECLARED'],
    ['-m comment --comment lonely', '-m comment --comment lonely'],
  ])('%s', (words, printed) => {
    const rule = parseOne(words);
    if (rule === undefined) expect.fail('no rule was read');
    expect(printRule('IPv4', 'KUBE-X', rule)).toBe(`-A KUBE-X ${printed}`.trim());
    expect(rule.match.opaque).toBeUndefined();
    expect(rule.target?.kind).not.toBe('opaque');
  });

  it.each([
    ['-s fd00::ABCD', '-s fd00::abcd/128'],
    ['-s fd00::/ffff:ffff::', '-s fd00::/32'],
    ['-s ::10.0.0.1', '-s ::a00:1/128'],
    ['-p tcp -j DNAT --to-destination [fd00::1]:80', '-p tcp -j DNAT --to-destination [fd00::1]:80'],
    ['-j DNAT --to-destination [fd00::1]', '-j DNAT --to-destination fd00::1'],
    ['-j REJECT', '-j REJECT --reject-with icmp6-port-unreachable'],
  ])('of IPv6: %s', (words, printed) => {
    const rule = parseOne(words, 'IPv6');
    expect(rule === undefined ? undefined : printRule('IPv6', 'KUBE-X', rule)).toBe(`-A KUBE-X ${printed}`);
  });

  it.each([
    ['-p icmp -m icmp --icmp-type 8', ['-p', 'icmp', '-m', 'icmp', '--icmp-type', '8']],
    ['-p icmp --icmp-type 8', ['-p', 'icmp', '-m', 'icmp', '--icmp-type', '8']],
    ['! -p tcp', ['!', '-p', 'tcp']],
    ['! -f', ['!', '-f']],
    ['-s host.example', ['-s', 'host.example']],
    ['-s 0.0.0.0/0.0.0.255', ['-s', '0.0.0.0/0.0.0.255']],
    ['-d fd00::1', ['-d', 'fd00::1']],
    ['-i name-with-more-than-15', ['-i', 'name-with-more-than-15']],
    ['-m multiport --dports 80,443', ['-m', 'multiport', '--dports', '80,443']],
    ['-m connmark ! --mark 1', ['-m', 'connmark', '!', '--mark', '1']],
    ['-m addrtype --dst-type BROADCAST', ['-m', 'addrtype', '--dst-type', 'BROADCAST']],
    ['-m statistic --mode nth --every 2', ['-m', 'statistic', '--mode', 'nth', '--every', '2']],
    ['-m recent --update --seconds 9', ['-m', 'recent', '--update', '--seconds', '9']],
    ['-m recent --set --rdest', ['-m', 'recent', '--set', '--rdest']],
    ['-m conntrack --ctproto 6', ['-m', 'conntrack', '--ctproto', '6']],
    ['-m mark --mark 0x100000000', ['-m', 'mark', '--mark', '0x100000000']],
    ['-m comment --comment a -m comment --comment "b c"', ['-m', 'comment', '--comment', 'b c']],
  ])('keeps the words of a match without a model: %s', (words, opaque) => {
    expect(parseOne(words)?.match.opaque).toStrictEqual(opaque);
  });

  it.each([
    ['-p tcp -m tcp ! --dport 80', ['-m', 'tcp', '!', '--dport', '80']],
    ['-p tcp -m tcp --dport 80 --syn', ['-m', 'tcp', '--dport', '80', '--syn']],
    ['-p tcp -m tcp --dport http', ['-m', 'tcp', '--dport', 'http']],
    ['-p tcp -m tcp --dport 080', ['-m', 'tcp', '--dport', '080']],
    ['-p tcp -m tcp --dport 90:80', ['-m', 'tcp', '--dport', '90:80']],
    ['-p tcp -m udp --dport 80', ['-m', 'udp', '--dport', '80']],
  ])('keeps the words and the protocol: %s', (words, opaque) => {
    expect(parseOne(words)?.match).toStrictEqual({ protocol: 'TCP', opaque });
  });

  it.each([
    ['-j LOG', ['LOG']],
    ['-j LOG --log-prefix "hi there: " -p tcp', ['LOG', '--log-prefix', 'hi there: ', '-p', 'tcp']],
    ['-j MASQUERADE --to-ports 80-90', ['MASQUERADE', '--to-ports', '80-90']],
    ['-j DNAT --to-destination 10.0.0.1-10.0.0.4', ['DNAT', '--to-destination', '10.0.0.1-10.0.0.4']],
    ['-j DNAT --to-destination :80', ['DNAT', '--to-destination', ':80']],
    ['-j DNAT --to-destination 10.0.0.1:80 --random', ['DNAT', '--to-destination', '10.0.0.1:80', '--random']],
    ['-j MYTARGET --option', ['MYTARGET', '--option']],
  ])('keeps the words of a target without a model: %s', (words, target) => {
    expect(parseOne(words)?.target).toStrictEqual({ kind: 'opaque', words: target });
  });

  it('keeps the order of matches where it means something', () => {
    const limitFirst = parseOne('-m limit --limit 5/min -m conntrack --ctstate NEW');
    expect(limitFirst?.match.ctStates).toBeUndefined();
    expect(limitFirst?.match.opaque).toContain('conntrack');
    const recentFirst = parseOne('-m recent --set --name X -m conntrack --ctstate NEW');
    expect(recentFirst?.match).toMatchObject({ recent: { operation: 'set', name: 'X' } });
    expect(recentFirst?.match.opaque).toContain('conntrack');
    expect(parseOne('-m multiport --dports 80 -m conntrack --ctstate NEW')?.match.ctStates).toBeDefined();
    expect(parseOne('-m multiport --dports 80 -m recent --set --name X')?.match.recent).toBeUndefined();
  });

  it.each([
    ['stray', 'unexpected "stray"'],
    ['-m comment --comment "foo"bar', 'unexpected "bar"'],
    ['-m comment --comment "open', 'a quote is not closed'],
    ['-s', '-s lacks its value'],
    ['-p tcp -m tcp --dport', '--dport lacks its value'],
    ['-c 5', '-c lacks its second value'],
    ['-j ACCEPT -j DROP', 'a second target'],
    ['-s 10.0.0.1 -s 10.0.0.2', 'a second -s'],
    ['! -j ACCEPT', '-j cannot be negated'],
    ['-j "a b"', 'neither a chain nor a target: a b'],
    ['-j KUBE-Y --odd', 'unexpected "--odd"'],
    ['--dport 80', 'unexpected "--dport"'],
    ['-j ACCEPT !', 'nothing comes after "!"'],
  ])('that no iptables could read is a problem: %s', (words, problem) => {
    const text = `-A KUBE-X ${words}`;
    expect(parseRules([text])).toStrictEqual({ rules: [], problems: [{ line: 4, text, problem }] });
  });
});

describe('a ruleset', () => {
  it('is read from iptables-save with counters', () => {
    const text = [
      '# Generated by iptables-save v1.8.9 on Mon Nov 23 13:20:59 2026',
      '*filter',
      ':INPUT DROP [12:3456]',
      ':KUBE-X - [0:0]',
      '[5:300] -A INPUT -j KUBE-X',
      'COMMIT',
      '# Completed on Mon Nov 23 13:20:59 2026',
    ].join('\n');
    const input = { name: 'INPUT', policy: 'DROP', rules: [{ match: {}, target: { kind: 'jump', chain: 'KUBE-X' } }] };
    expect(parseRuleset('IPv4', text)).toStrictEqual({
      ruleset: { family: 'IPv4', tables: [{ name: 'filter', chains: [input, { name: 'KUBE-X', rules: [] }] }] },
      problems: [],
    });
  });

  it('is read from input for --noflush, which does not declare every chain', () => {
    const text = '*filter\n-N KUBE-X\n-P INPUT ACCEPT\n-A OUTPUT -j LATER\n-A LATER -j KUBE-X\nCOMMIT\n';
    const { ruleset, problems } = parseRuleset('IPv4', text);
    expect(problems).toStrictEqual([]);
    expect(ruleset.tables[0]?.chains.map(({ name, policy }) => [name, policy])).toStrictEqual([
      ['KUBE-X', undefined],
      ['INPUT', 'ACCEPT'],
      ['OUTPUT', undefined],
      ['LATER', undefined],
    ]);
  });

  it.each([
    ['COMMIT', ['outside of any table']],
    ['-A INPUT -j ACCEPT', ['outside of any table']],
    ['*nut\n:ANY - [0:0]\nCOMMIT\n*nat\nCOMMIT', ['not a table: "nut"']],
    ['*nat', ['table nat ends without COMMIT']],
    ['*nat\n*filter\nCOMMIT', ['table nat ends without COMMIT']],
    ['*nat\n:INPUT\nCOMMIT', ['not a policy: ""']],
    ['*nat\n:INPUT MAYBE [0:0]\nCOMMIT', ['not a policy: "MAYBE"']],
    ['*nat\n:INPUT - zero\nCOMMIT', ['not a chain header']],
    ['*nat\n:MINE DROP [0:0]\nCOMMIT', ['only a built-in chain has a policy']],
    ['*nat\n:A - [0:0]\n:A - [0:0]\nCOMMIT', ['chain A is declared twice']],
    [
      '*nat\n-N\n-N a b\n-P MINE DROP\n-P INPUT MAYBE\nCOMMIT',
      ['not the name of a chain: ""', 'unexpected "b"', 'only a built-in chain has a policy', 'not a policy'],
    ],
    [
      '*nat\n-X KUBE-X\nhello world\n-A "a b"\nCOMMIT',
      [
        'not a command that states a rule: "-X"',
        'not a command that states a rule: "hello"',
        'not the name of a chain: "a b"',
      ],
    ],
  ])('tells what is wrong with %j', (text, problems) => {
    expect(parseRuleset('IPv4', text).problems.map(({ problem }) => problem)).toStrictEqual(problems);
  });
});
