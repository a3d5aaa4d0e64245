import type { Caller, LocalPodMatch } from '../../model/plan.ts';
import type { IptablesMatch, Negatable } from '../ruleset.ts';

/** How a packet of this caller is recognised. */
export function callerMatch(caller: Caller, localPods: LocalPodMatch): IptablesMatch {
  switch (caller) {
    case 'anyone':
      return {};
    case 'thisNode':
      return { sourceType: { value: 'LOCAL' } };
    case 'localPod':
      return localPodMatch(localPods, (value) => ({ value }));
    case 'notLocalPod':
      return localPodMatch(localPods, (value) => ({ value, negated: true }));
    default:
      return caller satisfies never;
  }
}

function localPodMatch(localPods: LocalPodMatch, wrap: <T>(value: T) => Negatable<T>): IptablesMatch {
  switch (localPods.kind) {
    case 'sources':
      return { source: wrap(localPods.cidr) };
    case 'interface':
      return { inputInterface: wrap(localPods.name) };
    case 'interfacePrefix':
      return { inputInterface: wrap(`${localPods.prefix}+`) };
    case 'unknown':
    case 'everyone':
      throw new Error(`the plan tells local pods apart although they are ${localPods.kind}`);
    default:
      return localPods satisfies never;
  }
}
