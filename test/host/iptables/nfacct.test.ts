import { describe, expect, it } from 'vitest';
import { prepareNfacct, readNfacct } from '../../../src/host/iptables/nfacct.ts';
import { type Answer, fakeCommands } from '../../support/fake-commands.ts';

const tools = { variant: 'nft', isNamed: true } as const;
const listed =
  '{ pkts = 00000000000000000003, bytes = 00000000000000000180 } = ct_state_invalid_dropped_pkts;\n' +
  '{ pkts = 00000000000000000000, bytes = 00000000000000000000 } = somebody-elses;\n';

const working: Answer = (line) => (line === 'nfacct list' ? { stdout: listed } : {});

describe('the probe of nfacct', () => {
  it('makes the object that is missing, and tries a rule', async () => {
    const { run, lines } = fakeCommands(working);
    expect(await prepareNfacct(run, tools)).toEqual({ kind: 'able' });
    expect(lines).toEqual([
      'nfacct list',
      'nfacct add localhost_nps_accepted_pkts',
      'iptables-nft-restore --test --noflush -w 5',
    ]);
  });

  it.each<readonly [string, Answer, string]>([
    ['there is no such program', () => ({ kind: 'missing' }), 'there is no nfacct in PATH'],
    ['the kernel has none', () => ({ stderr: 'nfacct v1.0.2: error: No such file or directory' }), 'nfacct v1.0.2'],
    [
      'no object can be made',
      (line, input) => (line.startsWith('nfacct add') ? { stderr: 'Operation not permitted' } : working(line, input)),
      'nfacct add localhost_nps_accepted_pkts: Operation not permitted',
    ],
    [
      'iptables does not take the match',
      (line, input) => (line.includes('restore') ? { stderr: 'Extension nfacct revision 0' } : working(line, input)),
      'iptables-nft-restore: Extension nfacct revision 0',
    ],
  ])('says why rules do not count when %s', async (_, answer, why) => {
    expect(await prepareNfacct(fakeCommands(answer).run, tools)).toEqual({
      kind: 'unable',
      why: expect.stringContaining(why),
    });
  });
});

describe('reading nfacct objects', () => {
  it('gives packets by name', async () => {
    expect(await readNfacct(fakeCommands(working).run)).toEqual(
      new Map([
        ['ct_state_invalid_dropped_pkts', 3],
        ['somebody-elses', 0],
      ]),
    );
  });
});
