import { describe, expect, it } from 'vitest';
import { ip } from '../../../support/objects.ts';
import {
  accept,
  always,
  arriving,
  base,
  dnat,
  drop,
  fate,
  masquerade,
  reject,
  rulesetOf,
  sent,
  when,
} from '../../../support/trace/nftables.ts';

const here = { destination: ip('192.0.2.1') };
const dropAt = (hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting') =>
  rulesetOf([base('filter', hook, [always(drop)])]);

describe('the path of a packet', () => {
  it.each([
    ['arriving, to elsewhere', arriving(), ['prerouting', 'forward', 'postrouting']],
    ['arriving, to this node', arriving(here), ['prerouting', 'input']],
    ['sent to elsewhere', sent(), ['output', 'postrouting']],
    ['sent to this node', sent(here), ['prerouting', 'input', 'output', 'postrouting']],
  ] as const)('%s', (_, packet, hooks) => {
    const all = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
    expect(all.filter((hook) => fate(dropAt(hook), packet) === 'drop').sort()).toEqual([...hooks].sort());
  });

  it('depends on the rewritten destination', () => {
    const inward = rulesetOf([
      base('nat', 'prerouting', [always(dnat('192.0.2.2'))]),
      base('filter', 'input', [always(drop)]),
    ]);
    expect(fate(inward)).toBe('drop');
    const outward = rulesetOf([
      base('nat', 'output', [always(dnat('10.1.1.1'))]),
      base('filter', 'input', [always(drop)]),
    ]);
    expect(fate(outward, sent(here))).toBe('10.1.1.1:8080');
  });

  it('loops back through lo with mark and connection, without further NAT', () => {
    const isFromLo = { kind: 'inputInterface', name: 'lo' } as const;
    const ruleset = rulesetOf([
      base('nat', 'output', [always({ kind: 'setMarkBit', bit: 4 }, dnat('192.0.2.2'))]),
      base('nat', 'prerouting', [always(drop)]),
      base('nat', 'input', [always(drop)]),
      base('filter', 'input', [
        when([isFromLo, { kind: 'markBit', bit: 4 }, { kind: 'destinationRewritten' }], reject),
        always(drop),
      ]),
    ]);
    expect(fate(ruleset, sent())).toBe('reject');
  });

  it('is empty for packets of the other family', () => {
    const packet = { ...arriving(), source: ip('2001:db8::9'), destination: ip('2001:db8::1') };
    expect(fate(dropAt('prerouting'), packet)).toBe('pass');
  });
});

describe('order', () => {
  it('goes by priority', () => {
    const early = base('filter', 'prerouting', [always(drop)], { priority: -110 });
    const late = base('filter', 'prerouting', [always(reject)], { priority: -90 });
    expect(fate(rulesetOf([{ ...late, name: 'late' }, early]))).toBe('drop');
  });

  it('calls the later of two chains with equal priority first', () => {
    const first = { ...base('filter', 'forward', [always(drop)]), name: 'first' };
    const second = { ...base('filter', 'forward', [always(reject)]), name: 'second' };
    expect(fate(rulesetOf([first, second]))).toBe('reject');
  });

  it('calls nat chains at the NAT priority, whatever their own', () => {
    const nat = base('nat', 'prerouting', [always(dnat('10.1.1.1'))], { priority: 50 });
    const filter = base('filter', 'prerouting', [when([{ kind: 'destinationRewritten' }], drop)]);
    expect(fate(rulesetOf([nat, filter]))).toBe('drop');
  });

  it('lets conntrack see packets after chains below its priority', () => {
    const raw = (state: 'new' | 'invalid') =>
      base('filter', 'prerouting', [when([{ kind: 'ctState', state }], drop)], { priority: -300 });
    expect(fate(rulesetOf([raw('new')]))).toBe('pass');
    expect(fate(rulesetOf([raw('invalid')]))).toBe('drop');
  });
});

describe('NAT', () => {
  it('ends at the first rewrite', () => {
    const first = base('nat', 'prerouting', [always(dnat('10.1.1.1'), drop), always(drop)], { priority: -101 });
    const second = { ...base('nat', 'prerouting', [always(drop)]), name: 'second' };
    expect(fate(rulesetOf([first, second]))).toBe('10.1.1.1:8080');
  });

  it('continues with the next nat chain after an accept', () => {
    const first = base('nat', 'prerouting', [always(accept)], { priority: -101 });
    const second = { ...base('nat', 'prerouting', [always(dnat('10.1.1.1'))]), name: 'second' };
    expect(fate(rulesetOf([first, second]))).toBe('10.1.1.1:8080');
  });

  it('can drop', () => {
    expect(fate(rulesetOf([base('nat', 'prerouting', [always(drop)])]))).toBe('drop');
  });

  it('masquerades packets that leave, marked or not', () => {
    const post = base('nat', 'postrouting', [
      when([{ kind: 'markBit', bit: 4 }], { kind: 'clearMarkBit', bit: 4 }, masquerade),
    ]);
    const marking = base('nat', 'prerouting', [always({ kind: 'setMarkBit', bit: 4 }, dnat('10.1.1.1'))]);
    const plain = base('nat', 'prerouting', [always(dnat('10.1.1.1'))]);
    expect(fate(rulesetOf([marking, post]))).toBe('10.1.1.1:8080 masquerade');
    expect(fate(rulesetOf([plain, post]))).toBe('10.1.1.1:8080');
  });

  it('does not masquerade packets that stay on the node', () => {
    const pre = base('nat', 'prerouting', [always(dnat('192.0.2.2'))]);
    expect(fate(rulesetOf([pre, base('nat', 'postrouting', [always(masquerade)])]))).toBe('192.0.2.2:8080');
  });

  it('also sees a packet that keeps its destination', () => {
    expect(fate(rulesetOf([base('nat', 'postrouting', [always(masquerade)])]))).toBe('pass masquerade');
  });
});

describe('outcomes', () => {
  const input = (...chains: ReturnType<typeof base>[]) => fate(rulesetOf(chains), arriving(here));

  it('is accept for a packet that a filter chain at input accepts', () => {
    expect(input(base('filter', 'input', [always(accept)]))).toBe('accept');
  });

  it.each([
    ['the policy accepts', base('filter', 'input', [])],
    ['a nat chain accepts', base('nat', 'input', [always(accept)])],
    ['another hook accepts', base('filter', 'prerouting', [always(accept)])],
  ])('is pass when %s', (_, hooked) => {
    expect(input(hooked)).toBe('pass');
  });

  it('is the endpoint for a packet that was rewritten and accepted', () => {
    const nat = base('nat', 'prerouting', [always(dnat('192.0.2.2'))]);
    expect(input(nat, base('filter', 'input', [always(accept)]))).toBe('192.0.2.2:8080');
  });

  it('is the verdict of a later chain after an accept', () => {
    const later = { ...base('filter', 'input', [always(drop)], { priority: 10 }), name: 'later' };
    expect(input(base('filter', 'input', [always(accept)]), later)).toBe('drop');
  });

  it('ignores later chains after a drop', () => {
    const later = { ...base('filter', 'input', [always(accept)], { priority: 10 }), name: 'later' };
    expect(input(base('filter', 'input', [always(reject)]), later)).toBe('reject');
  });
});
