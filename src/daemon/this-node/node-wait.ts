/** What the daemon waits for of its Node: that there is one, and with NodeCIDR that it has podCIDRs. */
import { systemClock } from '../../clock.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { Node } from '../../core/model/objects.ts';
import type { SourceSink } from '../../core/snapshot/source.ts';
import { StartError } from '../start-error.ts';
import { checkFamilies } from './check-families.ts';
import { followOwnNode } from './own-node.ts';
import { waitForPodCidrs } from './wait-for-pod-cidrs.ts';

/** Between the source and the inbox. */
export interface NodeWait {
  /** For the source. */
  readonly sink: SourceSink;
  /** Rejects with a StartError when the daemon cannot go on without what is missing; never resolves. */
  readonly failed: Promise<never>;
  stop(): void;
}

export interface NodeWaitOptions {
  readonly config: NodeConfig;
  /** Those that this node has rules of. */
  readonly families: readonly IpFamily[];
  readonly inbox: SourceSink;
  /** Hears whether load balancers may send new connections to this node. */
  readonly setEligible: (isEligible: boolean) => void;
}

export function createNodeWait({ config, families, inbox, setEligible }: NodeWaitOptions): NodeWait {
  const { nodeName, detectLocal } = config;
  const clock = systemClock;
  let reject = (_: StartError): void => undefined;
  const failed = new Promise<never>((_, given) => {
    reject = given;
  });
  failed.catch(() => undefined);
  const onTimeout = (problem: string): void => reject(new StartError(problem));
  const waited = detectLocal.mode === 'NodeCIDR' ? waitForPodCidrs(inbox, { nodeName, clock, onTimeout }) : undefined;
  const onFound = (node: Node): void => {
    const found = checkFamilies(config, families, node);
    if (found?.isFatal === true) reject(new StartError(found.problem));
    else if (found !== undefined) inbox.progress({ kind: 'Node', severity: 'error', message: found.problem });
  };
  const own = followOwnNode(waited?.sink ?? inbox, { nodeName, clock, setEligible, onFound });
  return {
    sink: own.sink,
    failed,
    stop: () => {
      own.stop();
      waited?.stop();
    },
  };
}
