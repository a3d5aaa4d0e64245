import { describe, expect, it } from 'vitest';
import type { CallerGroup } from '../../../src/core/forecast/changes.ts';
import { describeCallers, describeFrontends, describeReachability } from '../../../src/core/forecast/words.ts';
import { ip } from '../../support/objects.ts';

describe('the words of a forecast', () => {
  it('count frontends beyond the first', () => {
    const frontends = Array.from({ length: 600 }, (_, i) => {
      return { kind: 'externalIP', family: 'IPv4', address: ip('203.0.113.1'), port: i, protocol: 'TCP' } as const;
    });
    expect(describeFrontends(frontends)).toMatch(/^external IP 203\.0\.113\.1:0\/TCP, .* and 594 more frontends$/);
    expect(describeFrontends(frontends.slice(0, 2))).toBe(
      'external IP 203.0.113.1:0/TCP and external IP 203.0.113.1:1/TCP',
    );
  });

  it('say where a NodePort answers otherwise than elsewhere', () => {
    const nodePort = { kind: 'nodePort', family: 'IPv6', port: 30080, protocol: 'UDP', at: ip('fd00::1') } as const;
    expect(describeFrontends([nodePort])).toBe('NodePort 30080/UDP (IPv6) at fd00::1');
  });

  it.each<[readonly CallerGroup[], string]>([
    [[{ who: 'everyone' }], 'everyone'],
    [[{ who: 'pods' }, { who: 'thisNode' }, { who: 'others' }], 'pods, this node and everyone else'],
    [
      [
        { who: 'pods', allowed: 'both' },
        { who: 'others', allowed: 'after' },
      ],
      'pods in the source ranges and everyone else newly let in',
    ],
  ])('callers %j: %s', (callers, words) => {
    expect(describeCallers(callers)).toBe(words);
  });

  it('say when only some endpoints can be reached', () => {
    expect(describeReachability({ outcomes: ['dnat', 'drop', 'reject'], endpoints: 2 })).toBe(
      '2 endpoints, partly dropped or refused',
    );
    expect(describeReachability({ outcomes: ['dnat'], endpoints: 1 })).toBe('1 endpoint');
  });
});
