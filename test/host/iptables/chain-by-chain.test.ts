import { expect, it } from 'vitest';
import { hidesTables, readChainByChain } from '../../../src/host/iptables/chain-by-chain.ts';
import { type Answer, fakeCommands } from '../../support/fake-commands.ts';

const chains = `table ip nat {
\tchain POSTROUTING {
\t\ttype nat hook postrouting priority srcnat; policy accept;
\t}
\tchain KUBE-SERVICES {
\t}
\tchain KUBE-GONE {
\t}
\tchain mine {
\t}
}
table ip rulewright {
\tchain KUBE-X {
\t}
}
`;

function read(answer: Answer) {
  const { run, lines } = fakeCommands(answer);
  const tools = { variant: 'nft', isNamed: true } as const;
  const isWanted = (_: string, chain: string): boolean => chain.startsWith('KUBE-');
  return { lines, result: readChainByChain({ run, tools, family: 'IPv4', isWanted, timeoutMs: 1000 }) };
}

/** nft knows four chains; POSTROUTING cannot be shown, or only its start; KUBE-GONE is deleted meanwhile. */
const machine =
  (exitCode: 1 | 3): Answer =>
  (line, input) => {
    if (line === 'nft list chains ip') return { stdout: chains };
    if (line === 'nft list chain ip nat POSTROUTING') {
      return { stdout: 'counter packets 1 bytes 2 jump KUBE-POSTROUTING\nip saddr { 10.0.0.1 } masquerade\n' };
    }
    if (line.startsWith('nft list chain')) return { stderr: 'No such file or directory' };
    if (line.includes(' -C ')) return {};
    if (input.includes('-S POSTROUTING')) {
      return { exitCode, stdout: exitCode === 3 ? '-P POSTROUTING ACCEPT\n-A POSTROUTING -j X' : '', stderr: 'no' };
    }
    if (input.includes('-S KUBE-GONE')) return { stdout: '-N KUBE-SERVICES\n-A KUBE-SERVICES -j RETURN', exitCode: 1 };
    return {};
  };

it.each([1, 3] as const)('goes on behind a chain that cannot be shown, exit code %s', async (exitCode) => {
  const { result, lines } = read(machine(exitCode));
  expect(await result).toEqual({
    text: [
      '*nat',
      ':POSTROUTING - [0:0]',
      '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      'COMMIT',
      '*nat',
      ':KUBE-SERVICES - [0:0]',
      '-A KUBE-SERVICES -j RETURN',
      'COMMIT',
      '',
    ].join('\n'),
    unreadable: ['chain POSTROUTING of table nat: ip saddr { 10.0.0.1 } masquerade'],
  });
  expect(lines.filter((line) => line.includes('KUBE-X') || line.includes('mine'))).toEqual([]);
});

it.each<[string, Answer, RegExp]>([
  ['nft is missing', () => ({ kind: 'missing' }), /there is no nft in PATH/],
  ['nft fails', () => ({ stderr: 'not permitted' }), /nft list chains ip: not permitted/],
  ['chains are not listed', (line) => (line.startsWith('nft') ? { stdout: chains } : {}), /lists 0 of 3 chains/],
])('cannot be read where %s', async (_, answer, message) => {
  await expect(read(answer).result).rejects.toThrow(message);
});

it.each([
  [0, "# Table `nat' is incompatible, use 'nft' tool.\n", '', true],
  [3, '*filter\n', 'iptables-nft-save v1.8.9 (nf_tables): Parsing nftables rule failed\n', true],
  [3, '', 'something else', false],
  [0, '*nat\nCOMMIT\n', '', false],
])('knows by exit code %s and output that tables are hidden: %j', (exitCode, stdout, stderr, expected) => {
  expect(hidesTables({ kind: 'exited', exitCode, stdout, stderr })).toBe(expected);
});
