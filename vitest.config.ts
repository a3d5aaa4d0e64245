import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Golden files are accepted by a person who then reads the difference. A CI run that wrote them would agree with anything.
if (process.env['ACCEPT'] && process.env['CI']) {
  throw new Error('ACCEPT is set, and so is CI: golden files are accepted on a developer machine only');
}

/** Tests that load rules into a kernel: network namespaces and the xtables lock are shared by all processes. */
const kernelTests = ['test/kernel/**/*.test.ts', 'test/**/*.kernel.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Most tests wait for processes that they start: with as many files at once as there are cores none is idle.
    maxWorkers: '100%',
    // A kernel test starts namespaces, loads rules and sends packets, on machines that are busy with other things.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Programs that tests start need not compile hundreds of modules anew each time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)) },
    projects: [
      {
        extends: true,
        test: {
          ...{ name: 'pure', include: ['test/**/*.test.ts'], exclude: kernelTests, sequence: { groupOrder: 1 } },
          // Files of one worker share its modules: to load them anew for each file takes a third of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        // One file at a time, and only once the pure tests are through.
        test: { name: 'kernel', include: kernelTests, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
