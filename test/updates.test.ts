import { beforeAll, describe, expect, it } from 'vitest';
import { acceptGoldenUpdate, type GoldenUpdate, goldenUpdates, readGoldenUpdate } from './support/golden/update.ts';

const isAccepting = process.env['ACCEPT'] !== undefined;

describe.each(goldenUpdates())('golden/updates/%s', (name) => {
  let update: GoldenUpdate;
  beforeAll(async () => {
    update = await readGoldenUpdate(name);
    if (isAccepting) {
      acceptGoldenUpdate(update);
      update = await readGoldenUpdate(name);
    }
  });

  it('states its goal', () => {
    expect(update.goal.length).toBeGreaterThan(20);
  });

  it('sends the accepted transaction', () => {
    expect(update.made).toEqual(update.accepted);
  });
});
