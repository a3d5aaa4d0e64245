/** Verdicts for people. */
import { formatHostPort } from '../../core/model/address.ts';
import type { Distribution, Packet } from '../../core/model/packet.ts';
import type { Difference, Obstacle } from '../../core/prove/proof-result.ts';
import { compareText } from '../../core/structures/compare-text.ts';
import { isOne } from '../../core/structures/rational.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import { shareOf, shareText } from '../../core/structures/share.ts';
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
    `  expected  ${paint.green(outcomesText(expected))}`,
    `  found     ${paint.red(terminalText(outcomesText(found)))}`,
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
  const source = terminalText(name, 300);
  const isBackend = name === mode || name === 'iptables-kube-proxy';
  const subject = isBackend ? `${family} ${name} rules` : `${family} ${mode} rules in ${source}`;
  const extent = count(classes, 'packet class', 'packet classes');
  const time = milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
  if (isProven(proof)) {
    const proven = paint.bold(paint.green('proven'));
    return `${proven}: the ${subject} match the Services for every packet (${extent}, ${time})`;
  }
  const parts = [
    ...(differentClasses > 0 ? [`${count(differentClasses, 'class differs', 'classes differ')}`] : []),
    ...(unknownClasses > 0
      ? [`${count(unknownClasses, 'class meets', 'classes meet')} rules that are not understood`]
      : []),
    ...(proof.unread.length > 0 ? [`${count(proof.unread.length, 'line was', 'lines were')} not read`] : []),
    ...(differentClasses > 0 && deviatesOnly(proof) ? ['all of them known deviations of kube-proxy'] : []),
  ];
  return `${paint.bold(paint.red('not proven'))}: ${subject}: ${parts.join(', ')} (${extent}, ${time})`;
}

function comparisonLines({ family, names, differences }: BackendComparison, paint: Paint): readonly string[] {
  const [a = '', b = ''] = names;
  const head = `${family}, ${a} and ${b}`;
  if (differences.length === 0) {
    return [`${paint.bold('same')}: ${head} want the same, so where both are proven they treat every packet alike`];
  }
  const shown = differences.length > shownByDesign ? `; ${shownByDesign} examples` : '';
  const ways = count(differences.length, 'way', 'ways');
  return [
    `${paint.bold('by design')}: ${head} differ in ${ways} (docs/nftables.md)${shown}:`,
    ...differences
      .slice(0, shownByDesign)
      .flatMap(({ packet, fates: [first, second] }) => [
        `  ${describePacket(packet)}`,
        `    ${a}: ${outcomesText(first)}`,
        `    ${b}: ${outcomesText(second)}`,
      ]),
  ];
}

/** `10.0.0.1:80 1/3 (33.33 %)`, as `explain` has it; the outcome alone where it is certain. */
function outcomesText(distribution: Distribution): string {
  return [...distribution]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, { probability }]) => (isOne(probability) ? key : `${key} ${shareText(shareOf(probability))}`))
    .join(', ');
}

function inClasses(classes: number): string {
  return count(classes, 'class', 'classes');
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
