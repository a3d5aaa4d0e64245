/** Explains a packet from a dump alone: what the rules do is exact, why they do it only as far as they say it. */
import { familyOf, ipFamilies } from '../../model/address.ts';
import type { NodeConfig } from '../../model/config.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import { printableValue } from '../../structures/safe-text.ts';
import { formatDistribution } from '../../trace/distribution.ts';
import { type Case, makeCase } from '../case.ts';
import type {
  Explanation,
  OutcomeShare,
  PacketAnswer,
  PacketQuestion,
  PacketRemark,
  PacketTarget,
  PacketVerdict,
  Walk,
  WalkStep,
} from '../explanation.ts';
import { headlineOf } from '../headline.ts';
import { resolveQuestion } from '../question/packet.ts';
import { whyNoFrontend } from '../reasons/no-frontend.ts';
import { remark } from '../reasons/remark.ts';
import { commonVerdict } from '../shares.ts';
import type { WalkedRules } from '../walk/rules.ts';
import { walkRules } from '../walk/walk.ts';
import { worldOf } from '../world.ts';
import { readDump } from './dump.ts';
import type { DumpFrontend } from './frontends.ts';
import { withMemory } from './learned.ts';
import { frontendsIn, snapshotOfFrontends } from './snapshot.ts';

/** `config`: what is known of the node, its addresses among it. The answer's texts are printable. */
export function explainDump(text: string, config: NodeConfig, question: PacketQuestion): PacketAnswer {
  return printableValue(answer(text, config, question));
}

function answer(text: string, config: NodeConfig, question: PacketQuestion): PacketAnswer {
  const frontends = ipFamilies.flatMap((family) => frontendsIn(text, family));
  const world = worldOf({ snapshot: snapshotOfFrontends(frontends), config });
  const asked = resolveQuestion(world, question);
  if (asked.kind !== 'asked') return frontends.length === 0 ? withoutNames(text, asked, question) : asked;
  const { sender } = asked;
  const dump = readDump(text, familyOf(asked.packet.destination));
  if (dump.kind === 'unclear') return dump;
  const packet = withMemory(dump.value.rules, asked.packet, world.host);
  const walk = walkUnsure(dump.value.rules, packet, world.host, frontends);
  const isKnown = walk.problems.length === 0;
  const verdict: PacketVerdict = isKnown ? commonVerdict(walk.outcomes) : 'unknown';
  const service = serviceOf(walk.steps);
  const target: PacketTarget =
    service === undefined
      ? { kind: 'nothing', text: 'no rule says that it is for a Service' }
      : { kind: 'frontend', service, text: `Service ${service}, as its rules say` };
  const { remembered: _, ...shown } = packet;
  return {
    kind: 'explained',
    explanation: {
      question,
      node: config.nodeName,
      packet: shown,
      verdict,
      headline: headlineOf(verdict, walk.outcomes, service),
      sender: sender.remark,
      target,
      decisions: packet.remembered === undefined ? [] : [rememberedClient(packet.source, packet.remembered)],
      endpoints: [],
      outcomes: isKnown ? walk.outcomes : [],
      reasons: verdict === 'untouched' ? whyUntouched(makeCase(world, packet), frontends) : [],
      walk,
      notes: [...dump.value.notes, dumpAlone(walk.outcomes)],
    },
  };
}

/** The dump was searched for a name that it cannot have: rulewright's nftables table names no Services. */
function withoutNames(text: string, asked: PacketAnswer, { destination }: PacketQuestion): PacketAnswer {
  if (asked.kind !== 'unclear' || asked.unclear.code !== 'destination-unknown') return asked;
  const dumps = ipFamilies.map((family) => readDump(text, family));
  const [dump] = dumps;
  if (dump?.kind === 'unclear' && dumps.every(({ kind }) => kind === 'unclear')) return dump;
  return {
    kind: 'unclear',
    unclear: {
      code: 'dump-names-no-services',
      problem: `${destination} not found: the rules in the dump name no Services`,
      remedy: 'give the Services too (-f or --kubeconfig), or ask for an address and port',
    },
  };
}

function whyUntouched(asked: Case, frontends: readonly DumpFrontend[]): readonly PacketRemark[] {
  if (frontends.length > 0) return whyNoFrontend(asked);
  const text =
    'no rule in the dump acts on this packet; the rules name no Services, so give those too (-f) to learn why';
  return [{ code: 'dump-names-no-services', text }];
}

/**
 * The packet's way through the rules. It is unknown where no address of the node is known and it matters whether the
 * destination is one.
 */
function walkUnsure(rules: WalkedRules, packet: Packet, host: TraceHost, frontends: readonly DumpFrontend[]): Walk {
  const { walk, distribution } = walkRules(rules, packet, host);
  const { destination } = packet;
  if (host.addresses.length > 0 || frontends.some(({ address }) => address === destination)) return walk;
  const there = walkRules(rules, packet, { addresses: [destination] }).distribution;
  if (formatDistribution(there) === formatDistribution(distribution)) return walk;
  const problem: PacketRemark = {
    code: 'node-addresses-unknown',
    text: `whether ${destination} is an address of the node is not known, and rules ask: pass --node-ip`,
  };
  return { ...walk, problems: [...walk.problems, problem] };
}

/** The Service of the first rule that names one. */
function serviceOf(steps: readonly WalkStep[]): string | undefined {
  for (const step of steps) {
    const found = step.service ?? serviceOf(step.next);
    if (found !== undefined) return found;
  }
  return undefined;
}

function rememberedClient(client: string, endpoint: string): Explanation['decisions'][number] {
  return {
    topic: 'affinity',
    code: 'affinity-remembered',
    text: `the rules remember ${client} as a client of ${endpoint}`,
  };
}

function dumpAlone(outcomes: readonly OutcomeShare[]): PacketRemark {
  const isSent = outcomes.some(({ verdict }) => verdict === 'delivered');
  return remark(
    'dump-alone',
    'a dump says what happens and not why: give the Services too (-f) to learn ',
    isSent ? 'about endpoints that do not take part' : 'what is missing',
  );
}
