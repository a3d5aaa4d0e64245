import { vi } from 'vitest';

/** Waits until the check passes, however busy the machine is; its last failure is the test's. */
export async function until(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000, interval: 5 });
}
