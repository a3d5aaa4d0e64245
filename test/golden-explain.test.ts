import { describe, expect, it } from 'vitest';
import { acceptExplainCase, acceptedOf, explainCases, goalOf, runExplainCase } from './support/golden/explain.ts';

const isAccepting = process.env['ACCEPT'] !== undefined;

describe.each(explainCases())('golden/explain/%s', (name) => {
  it('says what it is for', () => {
    expect(goalOf(name).length).toBeGreaterThan(20);
  });

  it('answers what was accepted', async () => {
    const printed = await runExplainCase(name);
    if (isAccepting) acceptExplainCase(name, printed);
    expect(printed).toEqual(acceptedOf(name));
    expect(printed['output.txt'] + printed['diagnostics.txt']).not.toBe('');
  });
});
