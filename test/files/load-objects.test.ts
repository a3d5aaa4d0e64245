import { expect, it } from 'vitest';
import { loadObjects } from '../../src/files/load-objects.ts';

it('reads more documents than a function can have arguments', async () => {
  const count = 140_000;
  const { documents } = await loadObjects([{ name: 'all.yaml', index: 0, text: '---\n1\n'.repeat(count) }]);
  expect(documents).toHaveLength(count);
}, 30_000);
