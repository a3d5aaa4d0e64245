/** Explains where a packet goes and why. Pure: the same cluster and question give the same answer. */
import { familyOf, type PerFamily } from '../model/address.ts';
import type { Rules } from '../rules.ts';
import { printableValue } from '../structures/safe-text.ts';
import { tracePlan } from '../trace/plan/trace.ts';
import { type Case, makeCase } from './case.ts';
import { type Dump, readDump } from './dump/dump.ts';
import { withMemory } from './dump/learned.ts';
import type { Explanation, PacketAnswer, PacketQuestion, Walk } from './explanation.ts';
import { headlineOf, withAgreement } from './headline.ts';
import { resolveQuestion } from './question/packet.ts';
import type { Sender } from './question/source.ts';
import { agreementOf } from './reasons/agreement.ts';
import { explainDecisions, explainFilter } from './reasons/decisions.ts';
import { accountEndpoints } from './reasons/endpoints.ts';
import { noteFrontend } from './reasons/notes.ts';
import { explainReasons } from './reasons/reasons.ts';
import { commonVerdict, outcomeShares } from './shares.ts';
import { describeTarget } from './target.ts';
import { compiledRules } from './walk/rules.ts';
import { type Walked, walkRules } from './walk/walk.ts';
import { type World, type WorldParts, worldOf } from './world.ts';

/** The cluster, rules and dump that a question is about. */
export interface ExplainParts extends WorldParts {
  /** The rules compiled from the snapshot, to show the packet's path through them. */
  readonly rules?: PerFamily<Rules>;
  /** A dump of rules in a kernel, to trace instead of the compiled rules and to compare with the snapshot. */
  readonly dump?: string;
}

/** The answer; its texts are printable. */
export function explain(parts: ExplainParts, question: PacketQuestion): PacketAnswer {
  return printableValue(answer(worldOf(parts), parts, question));
}

function answer(world: World, parts: ExplainParts, question: PacketQuestion): PacketAnswer {
  const asked = resolveQuestion(world, question);
  if (asked.kind !== 'asked') return asked;
  const { sender } = asked;
  const family = familyOf(asked.packet.destination);
  const dump = parts.dump === undefined ? undefined : readDump(parts.dump, family);
  if (dump?.kind === 'unclear') return dump;
  const rules = dump?.value.rules ?? compiledOf(parts.rules?.[family]);
  const packet = rules === undefined ? asked.packet : withMemory(rules, asked.packet, world.host);
  const walked = rules === undefined ? undefined : walkRules(rules, packet, world.host);
  const explanation = explainPacket(makeCase(world, packet), { question, sender, walked, dump: dump?.value });
  return { kind: 'explained', explanation };
}

function compiledOf(rules: Rules | undefined) {
  return rules === undefined ? undefined : compiledRules(rules);
}

interface Circumstances {
  readonly question: PacketQuestion;
  readonly sender: Sender;
  readonly walked: Walked | undefined;
  readonly dump: Dump | undefined;
}

function explainPacket(asked: Case, { question, sender, walked, dump }: Circumstances): Explanation {
  const { world, plan, packet, frontend } = asked;
  const reference = tracePlan(plan, packet, world.host);
  const outcomes = outcomeShares(reference);
  const verdict = commonVerdict(outcomes);
  const walk = walked === undefined ? undefined : heldAgainst(reference, walked, dump);
  const { remembered: _, ...shown } = packet;
  return {
    question,
    node: world.config.nodeName,
    packet: shown,
    verdict,
    headline: withAgreement(headlineOf(verdict, outcomes, frontend?.servicePort.id.text), walk?.agreement),
    sender: sender.remark,
    target: describeTarget(asked),
    decisions: [...(frontend === undefined ? [] : explainDecisions(frontend, asked)), ...explainFilter(asked)],
    endpoints: frontend === undefined ? [] : accountEndpoints(frontend, asked),
    outcomes,
    reasons: explainReasons(asked),
    ...(walk === undefined ? {} : { walk }),
    notes: [...(frontend === undefined ? [] : noteFrontend(frontend, asked)), ...(dump?.notes ?? [])],
  };
}

function heldAgainst(reference: Walked['distribution'], { walk, distribution }: Walked, dump: Dump | undefined): Walk {
  const agreement = dump === undefined ? undefined : agreementOf(reference, distribution, walk);
  return agreement === undefined ? walk : { ...walk, agreement };
}
