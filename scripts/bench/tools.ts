/** The commands that load rules, and what is needed around them in a network namespace. */
import { spawnSync } from 'node:child_process';
import { podCidr } from './inputs.ts';
import type { Backend } from './scenarios.ts';
import { timed } from './timing.ts';

type Command = readonly [string, ...string[]];

interface Tool {
  /** Takes a complete ruleset on standard input. */
  readonly load: Command;
  /** Takes a transaction. */
  readonly change: Command;
}

export const tools: Readonly<Record<Backend, Tool>> = {
  nftables: { load: ['nft', '-f', '-'], change: ['nft', '-f', '-'] },
  'iptables-legacy': { load: ['iptables-legacy-restore'], change: ['iptables-legacy-restore', '--noflush'] },
  'iptables-nft': { load: ['iptables-nft-restore'], change: ['iptables-nft-restore', '--noflush'] },
};

/**
 * Every endpoint is this machine, and every sender here is a pod of this node, so that the rules dominate the time of a
 * connection. All of it ends with the namespaces of this process.
 */
export function setUpNetwork(): void {
  // The lock of iptables-legacy is a file in /run: in here it is not that of the machine.
  run(['mount', '-t', 'tmpfs', 'tmpfs', '/run']);
  const commands = [
    'link set lo up',
    'address add 10.255.255.1/32 dev lo',
    `route add local ${podCidr} dev lo src 10.255.255.1`,
    'route add default dev lo src 10.255.255.1',
  ];
  run(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

interface RunOptions {
  readonly input?: string;
  readonly limitSeconds?: number;
}

/** Standard output and how long it took; undefined when it was cut off after `limitSeconds`. */
export function run([command, ...args]: Command, { input = '', limitSeconds = 30 }: RunOptions = {}) {
  const [result, ms] = timed(() =>
    spawnSync(command, args, {
      input,
      encoding: 'utf8',
      timeout: limitSeconds * 1_000,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 20,
    }),
  );
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'ETIMEDOUT') return undefined;
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${[command, ...args].join(' ')}: status ${result.status}: ${result.stderr.slice(0, 1_000)}`);
  }
  return { output: result.stdout, ms };
}
