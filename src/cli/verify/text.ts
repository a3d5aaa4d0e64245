/** Verdicts for people. */
import { formatHostPort } from '../../core/model/address.ts';
import type { Packet } from '../../core/model/packet.ts';
import type { Difference, Obstacle } from '../../core/prove/proof-result.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import { formatDistribution } from '../../core/trace/distribution.ts';
import type { GivenFlags } from '../flags/table.ts';
import { type Paint, paintFor } from '../output/paint.ts';
import { explainCommand } from './explain.ts';
import { type BackendComparison, deviatesOnly, isProven, type Proof, type Proofs } from './proofs.ts';

export interface ProofShape {
  readonly isColored: boolean;
  /** The flags of the command, for the `explain` commands to go on with. */
  readonly given: GivenFlags;
}

/** What a person can read; -o json has all of them. */
const shownDifferences = 20;
const shownByDesign = 4;

export function formatProofs({ proofs, comparisons }: Proofs, shape: ProofShape): string {
  const paint = paintFor(shape.isColored);
  return [
    ...proofs.flatMap((proof) => proofLines(proof, shape.given, paint)),
    ...comparisons.flatMap((comparison) => comparisonLines(comparison, paint)),
    ...(proofs.length === 0 ? ['nothing was verified'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function proofLines(proof: Proof, given: GivenFlags, paint: Paint): readonly string[] {
  const { differences, obstacles } = proof.verdict;
  const shown = differences.slice(0, shownDifferences);
  const hidden = differences.length - shown.length;
  return [
    ...shown.flatMap((difference) => differenceLines(difference, given, paint)),
    ...(hidden > 0 ? [`… and ${hidden} more kinds of differences (-o json has them)`, ''] : []),
    ...obstacles.flatMap((obstacle) => obstacleLines(obstacle, paint)),
    ...proof.unread.map((line) => `${paint.yellow('not read')}: ${terminalText(line)}`),
    ...proof.notes.map((note) => `${paint.cyan('note')}: ${terminalText(note)}`),
    summary(proof, paint),
  ];
}

function differenceLines(difference: Difference, given: GivenFlags, paint: Paint): readonly string[] {
  const { packet, expected, found, servicePort, deviation, classes } = difference;
  const title = `${terminalText(servicePort ?? 'no Service')}: ${describePacket(packet)}`;
  return [
    `${paint.bold(paint.red('different'))}${paint.bold(`: ${title}`)} ${paint.dim(inClasses(classes))}`,
    `  expected  ${paint.green(formatDistribution(expected))}`,
    `  found     ${paint.red(terminalText(formatDistribution(found)))}`,
    ...(deviation === undefined ? [] : [`  known     ${deviation}`]),
    // explain asks about packets that open a connection.
    ...(packet.ctState === undefined ? [`  more      ${explainCommand(packet, given)}`] : []),
    '',
  ];
}

function obstacleLines({ text, packet, classes }: Obstacle, paint: Paint): readonly string[] {
  const head = `${paint.bold(paint.yellow('not understood'))}${paint.bold(`: ${terminalText(text)}`)}`;
  return [`${head} ${paint.dim(inClasses(classes))}`, `  met by    ${describePacket(packet)}`, ''];
}

/** `tcp 10.244.1.5 -> 10.96.0.10:80, in by eth0` */
function describePacket(packet: Packet): string {
  const { source, destination, protocol, port, inputInterface, remembered, ctState } = packet;
  const way = inputInterface === undefined ? 'sent by this node' : `in by ${terminalText(inputInterface)}`;
  const memory = remembered === undefined ? '' : `, known to ${terminalText(remembered)}`;
  const state = ctState === undefined ? '' : `, conntrack state ${ctState}`;
  return `${protocol.toLowerCase()} ${source} -> ${formatHostPort(destination, port)}, ${way}${memory}${state}`;
}

function summary(proof: Proof, paint: Paint): string {
  const { name, verdict, milliseconds } = proof;
  const { family, mode, classes, differentClasses, unknownClasses } = verdict;
  const subject = `${family}, ${mode} rules of ${terminalText(name, 300)}`;
  const extent = `${classes.toLocaleString('en')} classes hold all packets`;
  const time = milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
  if (isProven(proof)) {
    return `${paint.bold(paint.green('proven'))}: ${subject} do what the Services say; ${extent} (${time})`;
  }
  const parts = [
    ...(differentClasses > 0 ? [`${count(differentClasses, 'class differs', 'classes differ')}`] : []),
    ...(unknownClasses > 0
      ? [`${count(unknownClasses, 'class meets', 'classes meet')} rules that are not understood`]
      : []),
    ...(proof.unread.length > 0 ? [`${count(proof.unread.length, 'line was', 'lines were')} not read`] : []),
    ...(differentClasses > 0 && deviatesOnly(proof) ? ['all of them as kube-proxy is known to differ'] : []),
  ];
  return `${paint.bold(paint.red('not proven'))}: ${subject}: ${parts.join(', ')}; ${extent} (${time})`;
}

function comparisonLines({ family, names, differences }: BackendComparison, paint: Paint): readonly string[] {
  const [a = '', b = ''] = names;
  const head = `${family}, ${a} and ${b}`;
  if (differences.length === 0) {
    return [`${paint.bold('same')}: ${head} ask for the same, so where both are proven each packet fares alike`];
  }
  return [
    `${paint.bold('by design')}: ${head} differ in ${count(differences.length, 'way', 'ways')} (docs/nftables.md), as:`,
    ...differences
      .slice(0, shownByDesign)
      .flatMap(({ packet, fates: [first, second] }) => [
        `  ${describePacket(packet)}`,
        `    ${a}: ${formatDistribution(first)}`,
        `    ${b}: ${formatDistribution(second)}`,
      ]),
  ];
}

function inClasses(classes: number): string {
  return count(classes, 'class', 'classes');
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
