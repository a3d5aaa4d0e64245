import fc from 'fast-check';
import { expect, it } from 'vitest';
import { netlinkDecoder, type RuleEvent } from '../../../src/host/netlink/decoder.ts';

/**
 * What Linux 6.18 told of `nft 'add table ip t; add chain ip t c; add rule ip t c accept; add set ip t s
 * { type ipv4_addr; }; add element ip t s { 1.2.3.4 }'`, byte for byte.
 */
const recorded = Buffer.from(
  `38000000000a0000010000007364000002000065060001007400000008000300000000020c000400000000000000003308000200
   0000000038000000030a0004020000007364000002000065060001007400000006000300630000000c0002000000000000000001
   080006000000000164000000060a000c030000007364000002000065060001007400000006000200630000000c00030000000000
   0000000234000400300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c00020008000100
   0000000170000000090a0004040000007364000002000065060001007400000006000200730000000c0010000000000000000003
   080004000000000708000500000000040a000d000004020000000000040009001700130030786666666666666666383235303766
   343000000800140000000001380000000c0a00040000000073640000020000650600010074000000060002007300000014000300
   100001000c00010008000100010203042c0000000f0a000001000000736400000000006508000100000000650800020000006473
   080003006e667400`.replace(/\s/g, ''),
  'hex',
);

const table = { family: 'IPv4', table: 't' } as const;
const told: readonly RuleEvent[] = [
  {
    kind: 'commit',
    commit: {
      changes: [
        { verb: 'new', object: 'table', ...table },
        { verb: 'new', object: 'chain', ...table, name: 'c' },
        { verb: 'new', object: 'rule', ...table, name: 'c' },
        { verb: 'new', object: 'set', ...table, name: 's' },
        { verb: 'new', object: 'elements', ...table, name: 's' },
      ],
      program: 'nft',
    },
  },
];

it('tells what changed, and who did it', () => {
  expect(netlinkDecoder()(recorded)).toEqual(told);
});

it('tells the same wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(recorded.length), { maxLength: 5 }), (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), recorded.length];
      const decode = netlinkDecoder();
      expect(cuts.slice(1).flatMap((end, i) => decode(recorded.subarray(cuts[i], end)))).toEqual(told);
    }),
    { seed: 20_261_126 },
  );
});

it('tells each change of a commit once, and nothing of the last commit again', () => {
  const decode = netlinkDecoder();
  const element = recorded.subarray(recorded.length - 0x38 - 0x2c);
  const twice = Buffer.concat([element.subarray(0, 0x38), element]);
  const changes = [{ verb: 'new', object: 'elements', ...table, name: 's' }];
  expect(decode(twice)).toEqual([{ kind: 'commit', commit: { changes, program: 'nft' } }]);
  expect(decode(element)).toEqual([{ kind: 'commit', commit: { changes, program: 'nft' } }]);
});

it('passes on how the socket is', () => {
  const message = (type: number): Buffer => Buffer.from([16, 0, 0, 0, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const told = netlinkDecoder()(Buffer.concat([message(1), message(4)]));
  expect(told).toEqual([{ kind: 'listening' }, { kind: 'lost' }]);
});

it('does not throw, and does not loop, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }), (chunks) => {
      const decode = netlinkDecoder();
      for (const chunk of chunks) decode(chunk);
    }),
    { seed: 20_261_126, numRuns: 500 },
  );
});

it('does not throw on messages that are damaged', () => {
  fc.assert(
    fc.property(fc.nat(recorded.length - 1), fc.nat(255), (place, byte) => {
      const damaged = Buffer.from(recorded);
      damaged[place] = byte;
      netlinkDecoder()(damaged);
    }),
    { seed: 20_261_126, numRuns: 500 },
  );
});
