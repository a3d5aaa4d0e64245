/** Answers from a dump alone: what the rules do is exact, and why is known as far as they say it. */
import { familyOf, type IpFamily, ipFamilies } from '../model/address.ts';
import type { NodeConfig } from '../model/config.ts';
import type { Service } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { emptySnapshot } from '../snapshot/snapshot.ts';
import { makeCase } from './case.ts';
import { readDump } from './dump.ts';
import { type DumpFrontend, frontendsOfDump } from './dump-frontends.ts';
import { resolveQuestion } from './explain.ts';
import type { Answer, OutcomeShare, Question, Remark, Target, Verdict, Walk, WalkStep } from './explanation.ts';
import { headlineOf } from './headline.ts';
import { whyNoFrontend } from './no-frontend.ts';
import { printable } from './printable.ts';
import { commonVerdict } from './share.ts';
import { walkRules } from './walk.ts';
import { worldOf } from './world.ts';

/** `config`: what is known of the node, its addresses among it. The answer's texts are printable. */
export function explainDump(text: string, config: NodeConfig, question: Question): Answer {
  return printable(answer(text, config, question));
}

function answer(text: string, config: NodeConfig, question: Question): Answer {
  const frontends = ipFamilies.flatMap((family) => frontendsIn(text, family));
  const world = worldOf({ snapshot: snapshotOf(frontends), config });
  const asked = resolveQuestion(world, question);
  if (asked.kind !== 'asked') return asked;
  const { packet, sender } = asked;
  const dump = readDump(text, familyOf(packet.destination));
  if (dump.kind === 'unclear') return dump;
  const { walk } = walkRules(dump.value.rules, packet, world.host);
  const isKnown = walk.problems.length === 0;
  const verdict: Verdict = isKnown ? commonVerdict(walk.outcomes) : 'unknown';
  const service = serviceOf(walk);
  const target: Target =
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
      decisions: [],
      endpoints: [],
      outcomes: isKnown ? walk.outcomes : [],
      reasons: verdict === 'untouched' ? whyNoFrontend(makeCase(world, packet)) : [],
      walk,
      notes: [...dump.value.notes, dumpAlone(walk.outcomes)],
    },
  };
}

function frontendsIn(text: string, family: IpFamily): readonly DumpFrontend[] {
  const dump = readDump(text, family);
  return dump.kind === 'unclear' ? [] : frontendsOfDump(dump.value.rules);
}

/** Services as the rules know them, so that names mean something. */
function snapshotOf(frontends: readonly DumpFrontend[]): Snapshot {
  const services = new Map<string, Service>();
  for (const { service, address, protocol, port } of frontends) {
    const [key = '', portName = ''] = service.split(':');
    const [namespace = '', name = ''] = key.split('/');
    const known = services.get(key) ?? emptyService(namespace, name);
    const isSame = known.ports.some((each) => each.port === port && each.protocol === protocol);
    const clusterIps = { [familyOf(address)]: address, ...known.clusterIps };
    services.set(key, {
      ...known,
      clusterIps,
      externalIps: Object.values(clusterIps).includes(address) ? known.externalIps : [...known.externalIps, address],
      ports: isSame ? known.ports : [...known.ports, { name: portName, protocol, port }],
    });
  }
  return { ...emptySnapshot, services };
}

function emptyService(namespace: string, name: string): Service {
  return {
    namespace,
    name,
    clusterIps: {},
    externalIps: [],
    loadBalancerIps: [],
    loadBalancerSourceRanges: [],
    ports: [],
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
  };
}

/** The Service of the first rule that names one. */
function serviceOf({ steps }: Walk): string | undefined {
  for (const step of steps) {
    const found = step.service ?? serviceAfter(step);
    if (found !== undefined) return found;
  }
  return undefined;
}

function serviceAfter({ next }: WalkStep): string | undefined {
  for (const step of next) {
    const found = step.service ?? serviceAfter(step);
    if (found !== undefined) return found;
  }
  return undefined;
}

function dumpAlone(outcomes: readonly OutcomeShare[]): Remark {
  const isSent = outcomes.some(({ verdict }) => verdict === 'delivered');
  return {
    code: 'dump-alone',
    text: `a dump says what happens and not why: give the Services too (-f) to learn ${isSent ? 'about endpoints that do not take part' : 'what is missing'}`,
  };
}
