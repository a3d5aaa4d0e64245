/** Reads the debug pages of the running daemon. */
import type { Agent } from '../../lab/agent/start.ts';
import type { Check } from '../calls/expectations.ts';
import type { Family } from './rules.ts';

/** Loopback is the namespace's own. */
export const metricsAddress = '127.0.0.1:10249';
export const healthzAddress = '127.0.0.1:10256';

/** One family's part of what was sent to the kernel at one time. */
export interface Transaction {
  readonly sync: number;
  readonly family: Family;
  readonly result: string;
  /** Time that the program which sent it took. */
  readonly applyMs: number;
  readonly text: string;
}

/** The last ones, the newest first. `agent` is in the namespace. */
export async function readTransactions(agent: Agent): Promise<readonly Transaction[]> {
  return parseTransactions(await readPage(agent, '/debug/transactions'));
}

const head = /^# \S+Z sync (\d+) \(\w+\) (IPv4|IPv6) \w+: (\w+), \d+ characters in ([\d.]+) ms/;

export function parseTransactions(page: string): readonly Transaction[] {
  return page.split(/^(?=# \d{4}-\d\d-\d\dT\S+ sync )/m).flatMap((entry) => {
    const [, sync, family, result = '', applyMs] = head.exec(entry) ?? [];
    if (family === undefined) return [];
    const text = entry.slice(entry.indexOf('\n') + 1).trim();
    return [{ sync: Number(sync), family: family as Family, result, applyMs: Number(applyMs), text }];
  });
}

/** One check for each family: do the rules in the kernel match the Services for every packet? */
export async function judgeProof(agent: Agent): Promise<Check[]> {
  const { families } = JSON.parse(await readPage(agent, '/debug/verify')) as VerifyJson;
  return families.map(({ family, outcome, classes = 0, problem = '' }) => ({
    held: outcome === 'proven',
    text: `${family}: ${outcome} for all packets (${problem || `${classes} classes`})`,
  }));
}

/** The part of /debug/verify that is used here. */
interface VerifyJson {
  readonly families: readonly {
    readonly family: Family;
    readonly outcome: string;
    readonly classes?: number;
    readonly problem?: string;
  }[];
}

async function readPage(agent: Agent, path: string): Promise<string> {
  const { status, body } = await agent.order('fetch', { url: `http://${metricsAddress}${path}` });
  if (status !== 200) throw new Error(`${path} of the daemon answers with ${status}: ${body.slice(0, 200)}`);
  return body;
}
