import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../src/core/model/packet.ts';
import { explore, type PacketClass } from '../../../src/core/prove/explore.ts';
import { parcelsOf } from '../../../src/core/prove/parcels.ts';
import { holdsPacket, valuesOf, wholeSpace } from '../../../src/core/prove/region.ts';
import { type Subject, traceThrough } from '../../../src/core/prove/subject.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { tracePlan } from '../../../src/core/trace/plan/trace.ts';
import type { Witness } from '../../../src/core/trace/witness.ts';
import { arbitraryPacket } from '../../support/arbitrary/packet.ts';
import { arbitrarySpoiling, arbitrarySubject, spoil } from './subjects.ts';

const seed = 20261126;
const packetsOf = {
  IPv4: fc.array(arbitraryPacket('IPv4'), { minLength: 30, maxLength: 60 }),
  IPv6: fc.array(arbitraryPacket('IPv6'), { minLength: 30, maxLength: 60 }),
};

/** What plan and rules do with a packet, in words. */
function fatesOf({ plan, rules, host }: Subject, packet: Packet, witness?: Witness): readonly string[] {
  const { distribution, problems } = traceThrough(rules, packet, host, witness);
  return [formatDistribution(tracePlan(plan, packet, host, witness)), formatDistribution(distribution), ...problems];
}

function classesOf(subject: Subject): readonly PacketClass<readonly string[]>[] {
  const { family } = subject.plan;
  const trace = (packet: Packet, witness: Witness) => fatesOf(subject, packet, witness);
  return [
    ...explore(wholeSpace(family), { family, nodeAddresses: subject.host.addresses, trace, used: () => undefined }),
  ];
}

const worlds = fc
  .tuple(arbitrarySubject, fc.option(arbitrarySpoiling, { nil: undefined }))
  .map(([subject, spoiling]) =>
    spoiling === undefined ? subject : { ...subject, rules: spoil(subject.rules, spoiling) },
  )
  .chain((subject) => fc.tuple(fc.constant(subject), packetsOf[subject.plan.family]));

describe('classes', () => {
  it('contain each packet once, with the outcome of their sample packet, for right and wrong rules', () => {
    fc.assert(
      fc.property(worlds, ([subject, packets]) => {
        const classes = classesOf(subject);
        for (const packet of packets) {
          const holding = classes.filter(({ region }) => holdsPacket(region, valuesOf(packet)));
          expect(holding).toHaveLength(1);
          expect(fatesOf(subject, packet)).toEqual(holding[0]?.fate);
        }
      }),
      { numRuns: 100, seed },
    );
  });

  it('contain their sample packet', () => {
    fc.assert(
      fc.property(arbitrarySubject, (subject) => {
        for (const { region, packet } of classesOf(subject)) expect(holdsPacket(region, valuesOf(packet))).toBe(true);
      }),
      { numRuns: 20, seed },
    );
  });
});

describe('parcels', () => {
  it('contain each packet once', () => {
    fc.assert(
      fc.property(worlds, ([{ plan, host }, packets]) => {
        const parcels = parcelsOf(plan, host);
        expect(new Set(parcels.map(({ name }) => name)).size).toBe(parcels.length);
        for (const packet of packets) {
          expect(parcels.filter(({ region }) => holdsPacket(region, valuesOf(packet)))).toHaveLength(1);
        }
      }),
      { numRuns: 100, seed },
    );
  });
});
