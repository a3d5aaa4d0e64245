import { describe, expect, it } from 'vitest';
import { listChains } from '../../../src/host/iptables/listing.ts';
import { type Answer, fakeCommands } from '../../support/fake-commands.ts';

const list = (names: readonly string[], answer: Answer) => {
  const { run, lines } = fakeCommands(answer);
  return { lines, listed: listChains(run, 'iptables-nft', new Set(names)) };
};

describe('listChains', () => {
  it('lists each chain by itself, and takes for gone what is not found', async () => {
    const { lines, listed } = list(['nat OUTPUT', 'filter KUBE-FORWARD', 'nat KUBE-SERVICES'], (line) => {
      if (line.endsWith('OUTPUT')) return { stdout: '-P OUTPUT ACCEPT\n-A OUTPUT -j KUBE-SERVICES\n' };
      if (line.endsWith('KUBE-SERVICES')) return { stdout: '-N KUBE-SERVICES\n' };
      return { stderr: 'iptables: No chain/target/match by that name.' };
    });
    expect(await listed).toEqual(
      new Map([
        [
          'nat',
          new Map([
            ['OUTPUT', '-A OUTPUT -j KUBE-SERVICES\n'],
            ['KUBE-SERVICES', ''],
          ]),
        ],
        ['filter', new Map()],
      ]),
    );
    expect(lines).toEqual([
      'iptables-nft -t nat -S OUTPUT',
      'iptables-nft -t filter -S KUBE-FORWARD',
      'iptables-nft -t nat -S KUBE-SERVICES',
    ]);
  });

  it.each<[string, readonly string[], Answer]>([
    ['nothing is suspected', [], () => ({})],
    ['much is', Array.from({ length: 17 }, (_, i) => `nat KUBE-SVC-${i}`), () => ({})],
    ['a rule cannot be read', ['nat OUTPUT'], () => ({ exitCode: 3, stderr: 'Parsing nftables rule failed' })],
    ['a chain may be there', ['nat OUTPUT'], () => ({ stderr: "chain `OUTPUT' in table `nat' is incompatible" })],
    ['the program is missing', ['nat OUTPUT'], () => ({ kind: 'missing' })],
  ])('leaves it to a reading of everything where %s', async (_, names, answer) => {
    expect(await list(names, answer).listed).toBeUndefined();
  });
});
