/** From the settings of `explain` to an answer and its text. */
import { readClusterFacts } from '../../core/explain/cluster-facts.ts';
import { explainDump } from '../../core/explain/dump/explain.ts';
import { explain } from '../../core/explain/explain.ts';
import type { PacketAnswer, PacketQuestion } from '../../core/explain/explanation.ts';
import { reportExplanation } from '../../core/explain/report/report.ts';
import type { Finding } from '../../documents/finding.ts';
import { readInputs } from '../../files/read-inputs.ts';
import { askDaemon } from '../inputs/ask-daemon.ts';
import { type CompiledInputs, compileInputs } from '../inputs/compile.ts';
import { findThisNode } from '../inputs/this-node.ts';
import { formatJson } from '../output/json.ts';
import { paintLines } from '../output/paint.ts';
import type { ExplainSettings } from './flags.ts';

export interface Answered {
  readonly answer: PacketAnswer;
  readonly findings: readonly Finding[];
}

/** Reads the inputs and asks. An answer to an unclear question says what is wrong with it. */
export async function findAnswer({
  compile,
  question,
  dump,
  from,
}: ExplainSettings): Promise<Answered | { readonly unreadable: readonly Finding[] }> {
  if (from !== undefined) return { answer: await askDaemon(from, question), findings: [] };
  const read = dump === undefined ? undefined : await readInputs([dump], false);
  if (read !== undefined && read.unreadable.length > 0) {
    return { unreadable: read.unreadable.map((diagnostic) => ({ diagnostic })) };
  }
  const text = read?.sources[0]?.text;
  if (compile.paths.length === 0 && compile.kubeconfig === undefined && text !== undefined) {
    // The dump need not be of this machine.
    const { config } = findThisNode(compile, [], '');
    return { answer: explainDump(text, config, question), findings: [] };
  }
  const compiled = await compileInputs(compile, compile.paths);
  if ('unreadable' in compiled) return compiled;
  return { answer: askCluster(compiled, question, text), findings: compiled.findings };
}

/** A question to objects, wherever they come from; `dump`: the text of the rules that are to be walked. */
function askCluster(
  { snapshot, config, compilation, objects }: Omit<CompiledInputs, 'manifests' | 'findings'>,
  question: PacketQuestion,
  dump: string | undefined,
): PacketAnswer {
  const clusterFacts = readClusterFacts(objects);
  const parts = { snapshot, config, clusterFacts, rules: compilation.rules };
  return explain(dump === undefined ? parts : { ...parts, dump }, question);
}

export interface Shape {
  readonly isColored: boolean;
  /** Columns. */
  readonly width: number;
}

/** Empty as text if the question is unclear: a diagnostic says so. */
export function formatAnswer(
  answer: PacketAnswer,
  output: ExplainSettings['output'],
  { isColored, width }: Shape,
  findings: readonly Finding[] = [],
): string {
  if (output === 'json') return formatJson('explain', answer, findings);
  return answer.kind === 'unclear' ? '' : paintLines(reportExplanation(answer.explanation, width), isColored);
}

/** What was found in the inputs, and what is wrong with the question. */
export function findingsOf({ answer, findings }: Answered, { question }: ExplainSettings): readonly Finding[] {
  if (answer.kind !== 'unclear') return findings;
  const name = `${question.source} -> ${question.destination}`;
  const diagnostic = { severity: 'error', object: { kind: 'Question', name }, field: '', ...answer.unclear } as const;
  return [...findings, { diagnostic }];
}
