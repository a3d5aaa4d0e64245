import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { checkRuleset } from '../../../src/core/nftables/check/check.ts';
import { parseRuleset } from '../../../src/core/nftables/listing/narrow.ts';
import { printRuleset } from '../../../src/core/nftables/print/print.ts';
import { arbitraryRuleset } from '../../support/arbitrary/nftables/ruleset.ts';
import { normalizeRuleset, sameRuleset } from '../../support/kernel-model/nftables/same.ts';

const seed = 20_261_123;

describe.each(ipFamilies)('%s rulesets', (family) => {
  it('are the same after printing and parsing, up to the grouping of elements', () => {
    fc.assert(
      fc.property(arbitraryRuleset(family), (ruleset) => {
        const { ruleset: parsed, problems } = parseRuleset(family, printRuleset(ruleset));
        expect(problems).toStrictEqual([]);
        expect(normalizeRuleset(parsed)).toStrictEqual(normalizeRuleset(ruleset));
        expect(sameRuleset(parsed, ruleset)).toBe(true);
      }),
      { seed, numRuns: 200 },
    );
  });

  it('pass the check if they are built to be sound', () => {
    fc.assert(
      fc.property(arbitraryRuleset(family), (ruleset) => {
        expect(checkRuleset(ruleset)).toStrictEqual([]);
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe('any text', () => {
  const words = [
    ...['table ip rulewright {\n', 'add table ip rulewright\n', 'chain x {\n', 'set y {\n', 'map z {\n', '}\n', '\n'],
    ...['elements = {', '10.0.0.1', ' . tcp', ' . 80', ' : goto x', ',', ' }', 'type ipv4_addr', ' . inet_proto', '"'],
    ...['meta l4proto ', '{ tcp, udp }', ' vmap ', '@y ', 'comment ', 'drop', 'numgen random mod 2 ', ' # handle 5\n'],
    ...['dnat ip to ', 'flags interval\n', 'timeout 3h\n', 'type nat hook output priority -100; policy accept;\n'],
  ];
  const arbitraryText = fc.oneof(
    fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );

  it('is read without an error', () => {
    fc.assert(
      fc.property(arbitraryText, (text) => {
        const { ruleset } = parseRuleset('IPv4', text);
        checkRuleset(ruleset);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('is read without an error if characters of a ruleset are missing', () => {
    fc.assert(
      fc.property(arbitraryRuleset('IPv4'), fc.nat(), fc.integer({ min: 1, max: 40 }), (ruleset, place, length) => {
        const text = printRuleset(ruleset);
        const start = place % text.length;
        const { ruleset: parsed } = parseRuleset('IPv4', text.slice(0, start) + text.slice(start + length));
        checkRuleset(parsed);
      }),
      { seed, numRuns: 200 },
    );
  });
});
