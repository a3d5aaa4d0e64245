import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/core/diagnostics.ts';
import { conflictFollower } from '../../src/daemon/conflict-notices.ts';
import type { OwnerNotice } from '../../src/daemon/owner-notice.ts';

const ref = (name: string) => ({ kind: 'Service', namespace: 'shop', name });

function conflict(code: string, name: string, rival?: string, problem = 'x'): Diagnostic {
  const about = { severity: 'warning', object: ref(name), field: '', remedy: 'y' } as const;
  return { code, ...about, problem, ...(rival === undefined ? {} : { rival: ref(rival) }) };
}

function follow() {
  const notices: OwnerNotice[] = [];
  const follower = conflictFollower({ onConflict: (notice) => notices.push(notice) });
  return {
    turn: (...diagnostics: readonly Diagnostic[]) => {
      follower({ diagnostics });
      return notices.splice(0).map(({ reason, name, rival }) => `${reason} ${name} ${rival}`);
    },
  };
}

describe('notices of conflicts', () => {
  const [lost, kept] = [conflict('frontend-conflict', 'b', 'a'), conflict('frontend-contested', 'a', 'b')];

  it('tell the loser and the winner, once while the conflict lasts', () => {
    const { turn } = follow();
    expect(turn(lost, kept)).toEqual(['FrontendConflict b shop/a', 'FrontendContested a shop/b']);
    expect(turn(lost, kept)).toEqual([]);
    expect(turn()).toEqual([]);
    expect(turn(lost)).toEqual(['FrontendConflict b shop/a']);
  });

  it('tell a conflict of both families once, and that with another rival too', () => {
    const { turn } = follow();
    expect(turn(lost, { ...lost, problem: 'the same in IPv6' })).toHaveLength(1);
    expect(turn(lost, conflict('frontend-conflict', 'b', 'c'))).toEqual(['FrontendConflict b shop/c']);
  });

  it('tell what the node needs by what it is, as there is no rival', () => {
    const { turn } = follow();
    const refused = (problem: string) => conflict('external-ip-refused', 'trap', undefined, problem);
    expect(turn(refused('kubelet'), refused('API server'))).toEqual([
      'ExternalIPRefused trap kubelet',
      'ExternalIPRefused trap API server',
    ]);
  });

  it('are not made of other diagnostics', () => {
    expect(follow().turn(conflict('endpoints-surplus', 'a'), conflict('constructor', 'a'))).toEqual([]);
  });
});
