/** The measurements on the kernel, and their targets. */
import type { ProxyMode } from '../../src/core/model/config.ts';

export const allBackends = ['nftables', 'iptables-legacy', 'iptables-nft'] as const;
export type Backend = (typeof allBackends)[number];

/** Ours (flat maps, or the layout `fast`), or the baseline: kube-proxy's layout of the same Services. */
export type Shape = 'rulewright' | 'kube-proxy';

export interface Scenario {
  readonly backend: Backend;
  readonly shape: Shape;
  readonly services: number;
  /** A full load that takes longer is stopped. */
  readonly loadLimitSeconds: number;
  /** Neither changes nor connections are measured. */
  readonly loadOnly: boolean;
}

/** The largest size for each: larger ones only take longer. */
const largest = [
  { backend: 'nftables', shape: 'rulewright', services: Number.POSITIVE_INFINITY, loadOnlyFrom: undefined },
  // Quadratic: every transaction walks all chains again and again.
  { backend: 'nftables', shape: 'kube-proxy', services: 10_000, loadOnlyFrom: 2_000 },
  { backend: 'iptables-legacy', shape: 'rulewright', services: 10_000, loadOnlyFrom: undefined },
  { backend: 'iptables-nft', shape: 'rulewright', services: 10_000, loadOnlyFrom: undefined },
  { backend: 'iptables-legacy', shape: 'kube-proxy', services: 1_000, loadOnlyFrom: undefined },
] as const;

export function scenariosOf(sizes: readonly number[], modes: readonly ProxyMode[]): readonly Scenario[] {
  return largest
    .filter(({ backend }) => modes.includes(modeOf(backend)))
    .flatMap(({ backend, shape, services: limit, loadOnlyFrom }) =>
      sizes
        .filter((services) => services <= limit)
        .map((services) => ({
          backend,
          shape,
          services,
          loadLimitSeconds: shape === 'rulewright' ? 60 : 45,
          loadOnly: services >= (loadOnlyFrom ?? Number.POSITIVE_INFINITY),
        })),
    );
}

export function modeOf(backend: Backend): ProxyMode {
  return backend === 'nftables' ? 'nftables' : 'iptables';
}

/** Upper limits; what is absent is not limited. */
export interface Target {
  readonly loadMs?: number;
  readonly changeMs?: number;
  readonly connectRatio?: number;
}

const targets: Readonly<Record<Backend, Readonly<Record<number, Target>>>> = {
  nftables: {
    1000: { changeMs: 40 },
    10000: { loadMs: 2_500, changeMs: 50, connectRatio: 1.15 },
    30000: { loadMs: 8_000, changeMs: 60, connectRatio: 1.15 },
  },
  'iptables-legacy': { 10000: { changeMs: 600, connectRatio: 1.15 } },
  'iptables-nft': { 10000: { changeMs: 250, connectRatio: 1.15 } },
};

/** What a prototype reached on a machine with two cores. The baseline has no target. */
export function targetOf({ backend, shape, services }: Scenario): Target {
  return (shape === 'rulewright' ? targets[backend][services] : undefined) ?? {};
}
