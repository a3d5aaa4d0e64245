/** The backend that the options ask for. */
import type { Options } from '../options.ts';
import type { Backend } from './backend.ts';
import { iptablesBackend } from './iptables.ts';
import { nftablesBackend } from './nftables.ts';

export function backendOf(options: Options): Backend {
  switch (options.mode) {
    case 'iptables':
      return iptablesBackend(options.iptables);
    case 'nftables':
      return nftablesBackend;
    default:
      return options.mode satisfies never;
  }
}
