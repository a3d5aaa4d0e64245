/** A question to a running daemon, over its debug address. */
import type { PacketAnswer, PacketQuestion, Unclear } from '../../core/explain/explanation.ts';
import { queryOf, readAnswer } from '../../core/explain/question/query.ts';

const timeoutMs = 10_000;

/** The daemon's answer, or what is wrong with the address. Never rejects. */
export async function askDaemon(base: URL, question: PacketQuestion): Promise<PacketAnswer> {
  const url = new URL('/debug/explain', base);
  for (const [key, value] of Object.entries(queryOf(question))) url.searchParams.set(key, value);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return (
      readAnswer(await response.json()) ?? unanswered(base, `it answers with ${response.status} and no explanation`)
    );
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return unanswered(base, cause instanceof Error ? cause.message : String(cause));
  }
}

function unanswered(base: URL, why: string): PacketAnswer {
  const unclear: Unclear = {
    code: 'daemon-silent',
    problem: `the daemon at ${base.origin} gives no answer: ${why}`,
    remedy: 'check the address (--metrics-bind-address of rulewright run), and that it runs',
  };
  return { kind: 'unclear', unclear };
}
