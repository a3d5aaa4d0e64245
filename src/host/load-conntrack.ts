/** Conntrack is a module, and its sysctls are there only once it is loaded. */
import { isSuccess, type RunCommand, runCommand } from './run-command.ts';

/** A rule that needs conntrack; it is checked and thrown away. */
const rule = `table ip rulewright-probe {
	chain conntrack {
		ct state new accept
	}
}
`;

/**
 * Has the kernel load conntrack, as it does for the first rule that needs it: also in a container that has no modules.
 * What fails on the way is left to who looks for the sysctls afterwards.
 */
export async function loadConntrack(run: RunCommand = runCommand): Promise<void> {
  if (isSuccess(await run('nft', ['-c', '-f', '-'], { input: rule }))) return;
  // The nat table of legacy iptables is built on conntrack.
  await run('iptables', ['-t', 'nat', '-S']);
}
