import type { Diagnostic } from '../diagnostics.ts';
import { memoize } from '../structures/memoize.ts';
import type { ResolvedService } from './claimants.ts';

/**
 * What ClientIP affinity cannot do in iptables mode. xt_recent keeps 100 clients in a list unless the module was loaded
 * with another `ip_list_tot` (net/netfilter/xt_recent.c), and says nothing when it forgets one.
 */
export const affinityDiagnostics = memoize((services: readonly ResolvedService[]): readonly Diagnostic[] =>
  services
    .filter(({ service }) => service.affinityTimeoutSeconds !== undefined)
    .map(({ service: { namespace, name } }) => ({
      code: 'affinity-client-limit',
      severity: 'info',
      object: { kind: 'Service', namespace, name },
      field: 'spec.sessionAffinity',
      problem: 'iptables remembers 100 clients of each endpoint, and the oldest of more are forgotten',
      remedy: 'use nftables mode, or load the module xt_recent with a higher ip_list_tot',
    })),
);
