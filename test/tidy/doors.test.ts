import { expect, it } from 'vitest';
import { checkDoors } from './doors.ts';
import { file, show } from './samples.ts';

const importing = (path: string, specifier: string) =>
  show(checkDoors([file(path, `import { x } from '${specifier}';`)]));

it.each([
  ['scripts/bench/kernel/measure.ts', '../../lab/exec.ts'],
  ['scripts/bench.ts', './bench/options.ts'],
  ['scripts/mutation/score.ts', '../lib/table.ts'],
  ['scripts/lab/program/install.ts', '../../bundle.ts'],
  ['scripts/lab/golden/case.ts', '../../../src/core/compiler.ts'],
  ['scripts/quickstart-lib/main.ts', 'yaml'],
  ['test/daemon/stage/network.ts', '../../../scripts/lab/network/build.ts'],
  ['test/packaging/bundle.test.ts', '../../scripts/bundle.ts'],
  ['test/quickstart/daemon.test.ts', '../../scripts/quickstart-lib/options.ts'],
  ['test/scripts/bench.test.ts', '../../scripts/bench/inputs.ts'],
  ['src/cli/main.ts', '../../test/x.ts'],
])('%s may import %s', (path, specifier) => {
  expect(importing(path, specifier)).toEqual([]);
});

it.each([
  ['scripts/bench/daemon/start.ts', '../../../test/support/objects.ts'],
  ['scripts/lab/exec.ts', '../../test/support/objects.ts'],
  ['scripts/lab/exec.ts', '../quickstart-lib/options.ts'],
  ['scripts/mutation/score.ts', '../bench/timing.ts'],
  ['scripts/lib/table.ts', '../lab/exec.ts'],
  ['test/daemon/stage/network.ts', '../../../scripts/quickstart-lib/options.ts'],
  ['test/core/x.test.ts', '../../scripts/bench/inputs.ts'],
  ['test/quickstart/daemon.test.ts', '../../scripts/bench/inputs.ts'],
])('%s may not import %s', (path, specifier) => {
  expect(importing(path, specifier)).toEqual([expect.stringContaining('which is not open to it')]);
});
