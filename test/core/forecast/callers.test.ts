import { describe, expect, it } from 'vitest';
import { callerClasses, type Questions } from '../../../src/core/forecast/callers.ts';
import type { Cidr } from '../../../src/core/model/address.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { LocalPodMatch, Plan } from '../../../src/core/model/plan.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { ip, nodeConfig } from '../../support/objects.ts';

const { plan } = planFamily(emptySnapshot, nodeConfig(), 'IPv4');

function planWith(localPods: LocalPodMatch): Plan {
  return { ...plan, localPods };
}

/** `who allowed source interface` of each class. */
function classes(over: Partial<Questions>): readonly string[] {
  const questions = { before: plan, after: plan, nodeAddresses: [ip('192.168.0.2')], selves: [] };
  return callerClasses({ allowedBefore: undefined, allowedAfter: undefined, ...questions, ...over }).map(
    ({ caller: { who, allowed = '-' }, source, inputInterface = '-' }) =>
      [who, allowed, source, inputInterface].join(' '),
  );
}

const blocks = (...texts: readonly string[]): readonly Cidr[] => texts.map(constantCidr);

describe('the classes of callers', () => {
  it('are pods, the node and everyone else, arriving or sent by the node', () => {
    expect(classes({}).toSorted()).toEqual([
      'forged - 127.0.0.0 eth0',
      'forged - 192.168.0.2 eth0',
      'others - 0.0.0.0 eth0',
      'pods - 10.244.0.0 eth0',
      'thisNode - 127.0.0.0 -',
      'thisNode - 192.168.0.2 -',
      'thisNodeForeign - 0.0.0.0 -',
      'thisNodeForeign - 10.244.0.0 -',
    ]);
  });

  it('are told apart by interface where pods are', () => {
    const found = classes({
      before: planWith({ kind: 'interface', name: 'cni0' }),
      after: planWith({ kind: 'interfacePrefix', prefix: 'eth' }),
    });
    expect(found).toEqual(
      expect.arrayContaining(['podsBefore - 0.0.0.0 cni0', 'podsAfter - 0.0.0.0 eth~', 'others - 0.0.0.0 outside']),
    );
  });

  it('are told apart by source ranges before and after, with an address that no smaller block takes', () => {
    const found = classes({
      allowedBefore: blocks('10.0.0.0/8', '198.51.100.0/24'),
      allowedAfter: blocks('198.51.100.0/25', '203.0.113.0/24'),
    }).filter((line) => /^(?:pods|others) /.test(line));
    expect(found.toSorted()).toEqual([
      'others after 203.0.113.0 eth0',
      'others before 10.0.0.0 eth0',
      'others both 198.51.100.0 eth0',
      'others never 0.0.0.0 eth0',
      'pods before 10.244.0.0 eth0',
    ]);
  });

  it('do not grow with the number of ranges', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => constantCidr(`20.${(i >> 8) & 255}.${i & 255}.0/24`));
    expect(classes({ allowedBefore: many, allowedAfter: many.slice(1) }).length).toBeLessThan(20);
  });

  it('have an endpoint that calls itself where it is asked for', () => {
    expect(classes({ selves: [ip('10.244.0.7')] })).toContain('endpoint - 10.244.0.7 eth0');
  });
});
