import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';
import { startApiServer } from '../../../scripts/lab/api-server/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'rulewright-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Some packages of the client library are CommonJS, whose `require` a module does not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

it('the client library shrinks to what is used when it is bundled, and works', async () => {
  const outfile = join(folder, 'follow.mjs');
  await build({
    stdin: {
      contents: `
        import { connectToCluster } from './src/kubernetes/cluster.ts';
        import { createClusterSource } from './src/kubernetes/cluster-source.ts';
        const cluster = connectToCluster({ kubeconfig: '', master: process.argv[2], qps: 5, burst: 10 });
        let left = 4;
        const running = createClusterSource(cluster, 'node-a').start({
          changed() {}, diagnosed() {}, progress() {},
          synced() { left -= 1; if (left === 0) void running.stop().then(() => console.log('all synced')); },
        });`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
    outfile,
  });
  // Whole, the client library comes to 4 MB.
  expect(statSync(outfile).size).toBeLessThan(2_000_000);
  const server = await startApiServer();
  // It ends by itself: after stop() no socket and no timer is left.
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, server.url], { timeout: 30_000 });
  await server.goDown();
  expect(stdout).toBe('all synced\n');
});
