import { describe, expect, it } from 'vitest';
import type { IpAddress, IpFamily } from '../../../src/core/model/address.ts';
import type { HostFacts } from '../../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../../src/core/snapshot/snapshot.ts';
import { createInbox } from '../../../src/daemon/inbox.ts';
import { learnAddresses, learnApiEndpoints } from '../../../src/daemon/this-node/host-facts.ts';
import { ip } from '../../support/objects.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function inboxForTest() {
  const told: Partial<HostFacts>[] = [];
  return { told, learn: (facts: Partial<HostFacts>) => void told.push(facts) };
}

describe('what the daemon learns of its machine', () => {
  it('holds each endpoint of the API server, the last 64', () => {
    const inbox = inboxForTest();
    const reached = learnApiEndpoints(inbox);
    reached('10.0.0.1', 6443);
    reached('10.0.0.1', 6443);
    reached('2001:db8::1', 443);
    reached('not an address', 443);
    expect(inbox.told).toEqual([
      { apiEndpoints: ['10.0.0.1:6443'] },
      { apiEndpoints: ['10.0.0.1:6443', '[2001:db8::1]:443'] },
    ]);
    for (let i = 0; i < 100; i += 1) reached(`10.1.0.${i}`, 6443);
    expect(inbox.told.at(-1)?.apiEndpoints).toHaveLength(64);
    expect(inbox.told.at(-1)?.apiEndpoints?.at(-1)).toBe('10.1.0.99:6443');
  });

  it('holds the addresses of both families without link-local ones, whenever they are others', () => {
    const inbox = inboxForTest();
    const known = new Map<IpFamily, readonly IpAddress[]>();
    let changed = (): void => undefined;
    learnAddresses(inbox, {
      of: (family) => known.get(family) ?? [],
      onChange: (callback) => {
        changed = callback;
      },
    });
    known.set('IPv4', [ip('192.168.0.2')]);
    changed();
    known.set('IPv6', [ip('fe80::1')]);
    changed();
    known.set('IPv6', [ip('fe80::2'), ip('2001:db8::2')]);
    changed();
    expect(inbox.told).toEqual([{ addresses: ['192.168.0.2'] }, { addresses: ['192.168.0.2', '2001:db8::2'] }]);
  });

  it('comes into the snapshot with the next turn, and stays in it', () => {
    const inbox = createInbox({ clock: createVirtualClock(), onProgress: () => undefined });
    inbox.learn({ apiEndpoints: ['10.0.0.1:6443'] });
    inbox.learn({ addresses: [ip('192.168.0.2')] });
    const first = reduce(emptySnapshot, inbox.take().events);
    expect(first.host).toEqual({ apiEndpoints: ['10.0.0.1:6443'], addresses: ['192.168.0.2'] });
    inbox.learn({ addresses: [] });
    expect(reduce(first, inbox.take().events).host).toEqual({ apiEndpoints: ['10.0.0.1:6443'], addresses: [] });
  });
});
