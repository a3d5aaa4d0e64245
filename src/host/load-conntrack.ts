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
 * Makes the kernel load conntrack, as it does for the first rule that needs it; this works in a container without
 * modules, too. Failures show when the sysctls are read afterwards.
 */
export async function loadConntrack(run: RunCommand = runCommand): Promise<void> {
  if (isSuccess(await run('nft', ['-c', '-f', '-'], { input: rule }))) return;
  // The nat table of legacy iptables is built on conntrack.
  await run('iptables', ['-t', 'nat', '-S']);
}
