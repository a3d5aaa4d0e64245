/** The command on a machine whose tools are scripts in a folder. */
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ended, folderWith, rulewright } from '../run.ts';

const nft = `#!/bin/sh
[ "$*" = "list chains" ] && echo "table ip rulewright {" && exit 0
[ "$*" = "delete table ip rulewright" ] && exit 0
exit 9`;

/** Holds the name that a running daemon holds, while `body` runs; a daemon of another test may hold it already. */
async function withDaemon(body: () => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.destroy()).listen('\0rulewright');
  await once(server, 'listening').catch(() => undefined);
  await body();
  server.close();
}

function cleanup(args: readonly string[], script = nft): Promise<Ended> {
  const folder = folderWith({ nft: script });
  chmodSync(join(folder, 'nft'), 0o755);
  return rulewright(['cleanup', ...args], { env: { PATH: folder } });
}

describe('rulewright cleanup', () => {
  it('says what it has removed, or would remove', async () => {
    const removed = { exitCode: 0, stdout: 'removed  nftables: table ip rulewright\n', stderr: '' };
    expect(await cleanup(['--force'])).toEqual(removed);
    expect((await cleanup(['--dry-run'])).stdout).toBe('would remove  nftables: table ip rulewright\n');
    expect(JSON.parse((await cleanup(['--dry-run', '-o', 'json'])).stdout)).toEqual({
      dryRun: true,
      removed: [{ place: 'nftables', kind: 'tables', names: ['ip rulewright'], jumps: 0 }],
      left: [],
      failed: [],
    });
  });

  it('ends with 1 when something could not be removed, and lets nothing through to the terminal', async () => {
    const { exitCode, stdout } = await cleanup(['--force'], `#!/bin/sh\nprintf 'bad \\033[2J\\n' >&2; exit 1`);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^failed {2}nftables: bad \\u\{1b\}\[2J; to do: stop /);
  });

  it("keeps rulewright's rules while its daemon runs, unless it is told twice", async () => {
    await withDaemon(async () => {
      const refused = await cleanup([]);
      expect(refused).toMatchObject({ exitCode: 1, stderr: '' });
      expect(refused.stdout).toMatch(
        /^failed {2}daemon: a daemon runs .*; to do: stop the daemon first, or pass --force/,
      );
      expect((await cleanup(['--dry-run'])).exitCode).toBe(0);
      expect(await cleanup(['--kube-proxy'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^nothing /),
      });
      expect(await cleanup(['--force'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^removed /) });
    });
  });

  it('refuses what it does not know', async () => {
    expect(await cleanup(['-o', 'yaml'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: "error: --output: got 'yaml', want text or json\n",
    });
  });
});
