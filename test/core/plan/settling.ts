/** Claims of Services, settled for node-a. */
import type { Service } from '../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { type ClaimMemory, emptyClaimMemory, type Settlement, settleClaims } from '../../../src/core/plan/claims.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { guardOf } from '../../../src/core/plan/node-guard.ts';
import { ip, nodeConfig, snapshotOf } from '../../support/objects.ts';

export const context = familyContext(nodeConfig(), undefined, 'IPv4');

/** Settles with a new memory unless one is given. */
export function settle(snapshot: Snapshot, of = context, memory: ClaimMemory = emptyClaimMemory()): Settlement {
  return settleClaims(memory, snapshot.services, of, guardOf({ last: undefined }, snapshot, of));
}

export function resolve(...services: readonly Service[]): Settlement {
  return settle(snapshotOf({ services }));
}

/** The external addresses that the first port of a Service won. */
export function externalOf({ services }: Settlement, name: string) {
  return services.find((each) => each.service.name === name)?.ports[0]?.frontends.external ?? [];
}

/** Cluster IPs of two Services. */
export const [ten, eleven] = [{ IPv4: ip('10.96.0.10') }, { IPv4: ip('10.96.0.11') }];
