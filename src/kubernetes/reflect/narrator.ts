/** Tells the log what one reflector is doing: it must say why nothing happens, and not say it in a flood. */

import type { Clock } from '../../clock.ts';
import type { SourceProgress, SourceSink } from '../../core/snapshot/source.ts';
import type { ApiFailure, FailureReason } from '../connection/api-failure.ts';
import { durationText } from '../timing.ts';
import type { WatchedResource } from './resources.ts';

export interface Narrator {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  /** All objects are asked for; said loudly only when it is not one try of many. */
  readonly asking: (server: string) => void;
  /** Only when nothing has been said for a few seconds. */
  readonly counting: (count: number) => void;
  /** The same failure again is said the 2nd, 4th, 8th … time only. */
  readonly failed: (failure: ApiFailure, waitMs: number) => void;
  /** There is nothing to follow. */
  readonly without: (message: string, lookAgainMs: number) => void;
  /** All is well again; said when there had been more than one failure. */
  readonly recovered: () => void;
}

const betweenCountsMs = 2000;

export function createNarrator(
  resource: Pick<WatchedResource, 'kind' | 'plural'>,
  sink: SourceSink,
  clock: Clock,
): Narrator {
  let failures = 0;
  let failingSinceMs = 0;
  let lastShape = '';
  let repeated = 0;
  let saidAtMs = clock.nowMs();
  const say = (severity: SourceProgress['severity'], message: string) => {
    saidAtMs = clock.nowMs();
    sink.progress({ kind: resource.kind, severity, message: `${resource.plural}: ${message}` });
  };
  return {
    debug: (message) => say('debug', message),
    info: (message) => say('info', message),
    asking: (server) => say(failures === 0 ? 'info' : 'debug', `asking ${server} for all of them`),
    counting: (count) => {
      if (clock.nowMs() - saidAtMs > betweenCountsMs) say('info', `${count} so far`);
    },
    failed: ({ message, reason }, waitMs) => {
      if (failures === 0) failingSinceMs = clock.nowMs();
      failures += 1;
      // Messages of servers hold versions and times.
      const shape = message.replace(/\d+/g, '0');
      repeated = shape === lastShape ? repeated + 1 : 1;
      lastShape = shape;
      if (!Number.isInteger(Math.log2(repeated))) return;
      const times = repeated === 1 ? '' : ` (${repeated} times)`;
      const next = waitMs === 0 ? 'trying again' : `trying again in ${durationText(waitMs)}`;
      say(needsOperator(reason) ? 'error' : 'warning', `${message}${times}; ${next}`);
    },
    without: (message, lookAgainMs) => say('warning', `${message}, looking again every ${durationText(lookAgainMs)}`),
    recovered: () => {
      if (failures === 0) return;
      const lastedMs = clock.nowMs() - failingSinceMs;
      if (failures > 1) say('info', `in touch again after ${failures} failures in ${durationText(lastedMs)}`);
      failures = 0;
      lastShape = '';
    },
  };
}

/** Whether a failure lasts until an operator does something. */
function needsOperator(reason: FailureReason): boolean {
  return reason === 'unauthorized' || reason === 'forbidden' || reason === 'absent';
}
