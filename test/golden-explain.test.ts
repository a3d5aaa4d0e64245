import { describe, expect, it } from 'vitest';
import { acceptExplainCase, acceptedOf, explainCases, goalOf, runExplainCase } from './support/golden/explain.ts';

const isAccepting = process.env['ACCEPT'] !== undefined;

describe.each(explainCases())('golden/explain/%s', (name) => {
  it('states its goal', () => {
    expect(goalOf(name).length).toBeGreaterThan(20);
  });

  it('gives the accepted answer', async () => {
    const printed = await runExplainCase(name);
    if (isAccepting) acceptExplainCase(name, printed);
    expect(printed).toEqual(acceptedOf(name));
    expect(printed['output.txt'] + printed['diagnostics.txt']).not.toBe('');
  });
});
