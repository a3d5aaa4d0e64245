/** Groups of tests that need a real kernel. */
import { describe, expect, it } from 'vitest';

/** `describe` for tests that need the kernel. RULEWRIGHT_NO_KERNEL puts one test in their place that says so. */
export function describeKernel(name: string, body: () => void): void {
  const reason = process.env['RULEWRIGHT_NO_KERNEL'];
  if (reason === undefined || reason === '') {
    describe(name, body);
    return;
  }
  it(`${name}: left out, RULEWRIGHT_NO_KERNEL is set (${reason})`, () => expect(reason).not.toBe(''));
}
