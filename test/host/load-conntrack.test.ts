import { expect, it } from 'vitest';
import { loadConntrack } from '../../src/host/load-conntrack.ts';
import { fakeCommands } from '../support/fake-commands.ts';

it.each([
  ['nft checks a rule that needs it', {}, ['nft -c -f -']],
  [
    'legacy iptables is asked where nft cannot',
    { stderr: 'Operation not supported' },
    ['nft -c -f -', 'iptables -t nat -S'],
  ],
  ['no program is there, which is no exception', { kind: 'missing' }, ['nft -c -f -', 'iptables -t nat -S']],
] as const)('conntrack is loaded: %s', async (_, answer, expected) => {
  const inputs: string[] = [];
  const { run, lines } = fakeCommands((_line, input) => {
    inputs.push(input);
    return answer;
  });
  await loadConntrack(run);
  expect(lines).toEqual(expected);
  expect(inputs[0]).toContain('ct state new');
});
