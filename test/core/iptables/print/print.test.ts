import { describe, expect, it } from 'vitest';
import { printRule, printRuleset } from '../../../../src/core/iptables/print/print.ts';
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
} from '../../../../src/core/iptables/ruleset.ts';
import { type IpAddress, type IpFamily, parseIpAddress } from '../../../../src/core/model/address.ts';
import { constantCidr } from '../../../../src/core/model/cidr.ts';

function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

function print(match: IptablesMatch, target?: IptablesTarget, family: IpFamily = 'IPv4'): string {
  return printRule(family, 'X', target === undefined ? { match } : { match, target });
}

describe('a rule is printed', () => {
  it('in the order of iptables-save, whatever the order of its fields', () => {
    const rule: IptablesRule = {
      comment: 'default/kubernetes:https cluster IP',
      target: { kind: 'jump', chain: 'KUBE-SVC-NPX46M4PTMTKRN6Y' },
      match: {
        destinationPort: { from: 443, to: 443 },
        protocol: 'TCP',
        destination: { value: constantCidr('10.96.0.1/32') },
        source: { value: constantCidr('10.0.0.0/8'), negated: true },
      },
    };
    expect(printRule('IPv4', 'KUBE-SERVICES', rule)).toBe(
      '-A KUBE-SERVICES ! -s 10.0.0.0/8 -d 10.96.0.1/32 -p tcp ' +
        '-m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y',
    );
  });

  it('with matches that remember and count behind those that look', () => {
    const match: IptablesMatch = {
      opaque: ['-m', 'limit', '--limit', '5/min'],
      nfacct: 'dropped_pkts',
      recent: { operation: 'rcheck', name: 'KUBE-SEP-X', seconds: 10_800, reap: true },
      random: 715_827_883,
      mark: { value: { mark: 0x4000, mask: 0x4000 }, negated: true },
      ctStates: { value: ['RELATED', 'ESTABLISHED', 'DNAT'], negated: true },
      sourceType: { value: 'LOCAL' },
      destinationType: { value: 'LOCAL', negated: true },
      inputInterface: { value: 'cali+', negated: true },
      outputInterface: { value: 'lo' },
    };
    expect(print(match)).toBe(
      '-A X ! -i cali+ -o lo -m addrtype --src-type LOCAL ! --dst-type LOCAL ' +
        '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -m mark ! --mark 0x4000/0x4000 ' +
        '-m statistic --mode random --probability 0.33333333349 ' +
        '-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-X --mask 255.255.255.255 --rsource ' +
        '-m nfacct --nfacct-name  dropped_pkts -m limit --limit 5/min',
    );
  });

  it('with the mask of its family', () => {
    expect(print({ recent: { operation: 'set', name: 'X' } }, undefined, 'IPv6')).toBe(
      '-A X -m recent --set --name X --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource',
    );
  });

  it.each<readonly [IptablesTarget, string]>([
    [{ kind: 'goto', chain: 'Y' }, '-g Y'],
    [{ kind: 'accept' }, '-j ACCEPT'],
    [{ kind: 'drop' }, '-j DROP'],
    [{ kind: 'return' }, '-j RETURN'],
    [{ kind: 'reject', with: 'icmp-port-unreachable' }, '-j REJECT --reject-with icmp-port-unreachable'],
    [{ kind: 'dnat', address: ip('10.0.0.1'), port: 80 }, '-j DNAT --to-destination 10.0.0.1:80'],
    [{ kind: 'dnat', address: ip('fd00::1'), port: 80 }, '-j DNAT --to-destination [fd00::1]:80'],
    [{ kind: 'dnat', address: ip('fd00::1') }, '-j DNAT --to-destination fd00::1'],
    [{ kind: 'masquerade', randomFully: true }, '-j MASQUERADE --random-fully'],
    [{ kind: 'masquerade', randomFully: false }, '-j MASQUERADE'],
    [{ kind: 'mark', mark: 0x4000, mask: 0x4000 }, '-j MARK --set-xmark 0x4000/0x4000'],
    [{ kind: 'mark', mark: 0x4000, mask: 0 }, '-j MARK --set-xmark 0x4000/0x0'],
    [{ kind: 'opaque', words: ['LOG', '--log-prefix', 'two words'] }, '-j LOG --log-prefix "two words"'],
  ])('with target %o', (target, text) => {
    expect(print({}, target)).toBe(`-A X ${text}`);
  });

  it.each([
    [1, '0.00000000047'],
    [2 ** 31 - 1, '0.99999999953'],
    [2 ** 30, '0.50000000000'],
    // 1/4096 and 3/4096: halfway between two decimals, where C's printf rounds to even.
    [2 ** 19, '0.00024414062'],
    [3 * 2 ** 19, '0.00073242188'],
  ])('with probability %d/2^31 as %s', (random, text) => {
    expect(print({ random })).toBe(`-A X -m statistic --mode random --probability ${text}`);
  });

  it.each([
    ['one', 'one'],
    ['-j', '-j'],
    ['', '""'],
    ['a:b/c', '"a:b/c"'],
    [`say "hi" back\\slash it's`, String.raw`"say \"hi\" back\\slash it\'s"`],
    ['two\nlines\tund Öl', '"two?lines?und ?l"'],
  ])('with comment %j as %s', (comment, text) => {
    expect(printRule('IPv4', 'X', { match: {}, comment })).toBe(`-A X -m comment --comment ${text}`);
  });

  it.each<readonly [string, IptablesMatch]>([
    ['interface', { inputInterface: { value: 'eth0 -j ACCEPT' } }],
    ['interface', { outputInterface: { value: 'a-name-of-16-chars' } }],
    ['recent list', { recent: { operation: 'set', name: 'a\n-A INPUT' } }],
    ['nfacct object', { nfacct: 'a b' }],
    ['address', { source: { value: '10.0.0.0/8 -j X' as never } }],
    ['port', { protocol: 'TCP', destinationPort: { from: 80, to: 65_536 } }],
    ['no protocol', { destinationPort: { from: 80, to: 80 } }],
    ['31-bit', { random: 0.5 }],
    ['empty list', { ctStates: { value: [] } }],
    ['seconds', { recent: { operation: 'rcheck', name: 'X', seconds: 0, reap: true } }],
  ])('never with a wrong %s', (problem, match) => {
    expect(() => print(match)).toThrow(problem);
  });

  it.each<readonly [string, IptablesTarget]>([
    ['chain', { kind: 'jump', chain: 'X -j ACCEPT' }],
    ['reject type', { kind: 'reject', with: 'x\ny' }],
    ['mark', { kind: 'mark', mark: -1, mask: 0 }],
    ['port', { kind: 'dnat', address: ip('10.0.0.1'), port: 1.5 }],
  ])('never with a target with a wrong %s', (problem, target) => {
    expect(() => print({}, target)).toThrow(problem);
  });
});

describe('a ruleset is printed', () => {
  const called: IptablesChain = { name: 'KUBE-X', rules: [{ match: {}, target: { kind: 'return' } }] };
  const input: IptablesChain = {
    name: 'INPUT',
    policy: 'DROP',
    rules: [{ match: {}, target: { kind: 'jump', chain: 'KUBE-X' } }],
  };

  it('table by table, headers first, without a policy where there is none', () => {
    const text = printRuleset({
      family: 'IPv4',
      tables: [
        { name: 'nat', chains: [{ name: 'OUTPUT', rules: [] }] },
        { name: 'filter', chains: [input, called] },
      ],
    });
    expect(text.split('\n')).toStrictEqual([
      ...['*nat', ':OUTPUT - [0:0]', 'COMMIT'],
      ...['*filter', ':INPUT DROP [0:0]', ':KUBE-X - [0:0]', '-A INPUT -j KUBE-X', '-A KUBE-X -j RETURN', 'COMMIT', ''],
    ]);
  });

  it('once for each family, though the chain is the same value', () => {
    const chain: IptablesChain = { name: 'X', rules: [{ match: { recent: { operation: 'set', name: 'X' } } }] };
    const ofFamily = (family: IpFamily) => printRuleset({ family, tables: [{ name: 'nat', chains: [chain] }] });
    expect(ofFamily('IPv4')).toContain('--mask 255.255.255.255');
    expect(ofFamily('IPv6')).toContain('--mask ffff:');
    expect(ofFamily('IPv4')).toBe(ofFamily('IPv4'));
  });
});
