import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRuleset } from '../../../src/core/iptables/check/check.ts';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import { printRuleset } from '../../../src/core/iptables/print/print.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { arbitraryRuleset } from '../../support/arbitrary/iptables/ruleset.ts';

const seed = 20_261_123;

/** Words that a rule is made of, so that random lines get far into the parser. */
const vocabulary = [
  ...[
    '!',
    '-A',
    'KUBE-X',
    'INPUT',
    '-s',
    '-d',
    '10.0.0.1',
    '10.0.0.0/255.0.0.0',
    'fd00::1/64',
    '-i',
    'eth+',
    '-o',
    '-f',
  ],
  ...['-p', 'tcp', 'udp', 'icmp', 'all', '-m', 'comment', '--comment', '"two words"', '""', 'conntrack', '--ctstate'],
  ...[
    'NEW,ESTABLISHED',
    'addrtype',
    '--src-type',
    '--dst-type',
    'LOCAL',
    'statistic',
    '--mode',
    'random',
    '--probability',
  ],
  ...['0.5', 'recent', '--set', '--rcheck', '--seconds', '60', '--reap', '--name', 'X', '--rsource', 'mark', '--mark'],
  ...[
    '0x4000/0x4000',
    'limit',
    '--limit',
    '5/min',
    'multiport',
    '--dports',
    '80,443',
    '--dport',
    '80',
    '--sport',
    '-c',
  ],
  ...[
    'nfacct',
    '--nfacct-name',
    '-j',
    '-g',
    'ACCEPT',
    'DROP',
    'REJECT',
    '--reject-with',
    'tcp-reset',
    'DNAT',
    '1',
    '2',
  ],
  ...[
    '--to-destination',
    '10.0.0.1:80',
    '[fd00::1]:80',
    'MASQUERADE',
    '--random-fully',
    'MARK',
    '--or-mark',
    'LOG',
    'odd',
  ],
];

/** What stands together in real rules. */
const phrases = [
  ...[
    '-s 10.0.0.1',
    '! -d fd00::/8',
    '-i eth+',
    '-p tcp',
    '-p icmp',
    '! -p udp',
    '-m tcp',
    '-m tcp --dport 80',
    '--dport 80:90',
  ],
  ...['-m tcp --sport 5', '-m multiport --dports 80,443', '-m limit --limit 5/min', '-m comment --comment "two words"'],
  ...[
    '-m conntrack --ctstate NEW',
    '-m state --state NEW',
    '-m addrtype --dst-type LOCAL',
    '-m addrtype ! --src-type LOCAL',
  ],
  ...[
    '-m statistic --mode random --probability 0.5',
    '-m statistic --mode nth --every 2 --packet 0',
    '-m mark --mark 5',
  ],
  ...['-m recent --set --name X', '-m recent --update --seconds 5', '-m recent --rcheck --seconds 5 --reap --name X'],
  ...[
    '-m nfacct --nfacct-name x',
    '-m connmark --mark 1',
    '-j ACCEPT',
    '-j LOG --log-prefix "a b"',
    '-j KUBE-Y',
    '-j REJECT',
  ],
  ...[
    '-j DNAT --to-destination 10.0.0.1:80 --random',
    '-j MARK --set-mark 1',
    '-g KUBE-Y',
    '-j KUBE-Y --odd',
    '-c 1 2',
  ],
];

const arbitraryLine = fc
  .oneof(
    fc.array(fc.constantFrom(...vocabulary), { maxLength: 14 }),
    fc.array(fc.constantFrom(...phrases), { maxLength: 6 }),
    fc.array(fc.constantFrom(...phrases, ...vocabulary), { maxLength: 6 }),
  )
  .map((words) => words.join(' '));

/** Mostly lines that look like a ruleset, some of them nonsense. */
const arbitraryText = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: arbitraryLine.map((line) => `-A KUBE-X ${line}`) },
      { weight: 1, arbitrary: arbitraryLine },
      fc.constantFrom(
        '*nat',
        '*filter',
        '*odd',
        'COMMIT',
        ':KUBE-X - [0:0]',
        ':INPUT DROP [1:2]',
        '-N X',
        '-P INPUT DROP',
      ),
      fc.string(),
    ),
    { maxLength: 20 },
  )
  .map((lines) => `*nat\n${lines.join('\n')}`);

describe('print and parse', () => {
  for (const family of ipFamilies) {
    it(`give the same ${family} ruleset`, () => {
      fc.assert(
        fc.property(arbitraryRuleset(family, 'model'), (ruleset) => {
          expect(parseRuleset(family, printRuleset(ruleset))).toStrictEqual({ ruleset, problems: [] });
        }),
        { seed, numRuns: 300 },
      );
    });

    it(`read any text as ${family} without throwing, and print what they read`, () => {
      fc.assert(
        fc.property(fc.oneof(arbitraryText, fc.string({ unit: 'binary' })), (text) => {
          expect(printRuleset(parseRuleset(family, text).ruleset)).toMatch(/^[\n\x20-\x7e]*$/);
        }),
        { seed, numRuns: 2000 },
      );
    });

    it(`keep a ${family} ruleset of any origin as it was read`, () => {
      fc.assert(
        fc.property(arbitraryText, (text) => {
          const { ruleset } = parseRuleset(family, text);
          expect(parseRuleset(family, printRuleset(ruleset))).toStrictEqual({ ruleset, problems: [] });
        }),
        { seed, numRuns: 2000 },
      );
    });

    it(`work on ${family} rulesets that verify`, () => {
      fc.assert(
        fc.property(arbitraryRuleset(family, 'kernel'), (ruleset) => {
          expect(checkRuleset(ruleset)).toStrictEqual([]);
        }),
        { seed, numRuns: 300 },
      );
    });
  }
});
