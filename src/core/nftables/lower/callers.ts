import type { Caller, LocalPodMatch } from '../../model/plan.ts';
import type { NftablesMatch } from '../ruleset.ts';

/** How a packet of this caller is recognised. */
export function callerMatches(caller: Caller, localPods: LocalPodMatch): readonly NftablesMatch[] {
  switch (caller) {
    case 'anyone':
      return [];
    case 'thisNode':
      return [{ kind: 'local', field: 'saddr' }];
    case 'localPod':
      return [localPodMatch(localPods, {})];
    case 'notLocalPod':
      return [localPodMatch(localPods, { negated: true })];
    default:
      return caller satisfies never;
  }
}

function localPodMatch(localPods: LocalPodMatch, negation: { readonly negated?: true }): NftablesMatch {
  switch (localPods.kind) {
    case 'sources':
      return { kind: 'block', field: 'saddr', block: localPods.cidr, ...negation };
    case 'interface':
      return { kind: 'inputInterface', name: localPods.name, ...negation };
    case 'interfacePrefix':
      return { kind: 'inputInterface', name: `${localPods.prefix}*`, ...negation };
    case 'unknown':
    case 'everyone':
      throw new Error(`the plan tells local pods apart although they are ${localPods.kind}`);
    default:
      return localPods satisfies never;
  }
}
