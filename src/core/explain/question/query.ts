/** Questions and answers over HTTP: the daemon's `/debug/explain?src=&dst=&port=&proto=`. */
import { isFields, type JsonFields } from '../../manifest/value.ts';
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import { printableValue } from '../../structures/safe-text.ts';
import type { PacketAnswer, PacketQuestion } from '../explanation.ts';
import { type Resolved, resolved, unclear } from './resolved.ts';

/** The parameters of a URL's query. */
export type Query = Readonly<Record<string, string>>;

export function queryOf(question: PacketQuestion): Query {
  const { source, destination, protocol, family, inputInterface, remembered } = question;
  return {
    src: source,
    dst: destination,
    ...(protocol === undefined ? {} : { proto: protocol.toLowerCase() }),
    ...(family === undefined ? {} : { family: family.toLowerCase() }),
    ...(inputInterface === undefined ? {} : { interface: inputInterface }),
    ...(remembered === undefined ? {} : { remembered }),
  };
}

const protocols: Readonly<Record<string, Protocol>> = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' };
const families: Readonly<Record<string, IpFamily>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** `port` may be given by itself or as part of `dst`. */
export function questionOf(query: Query): Resolved<PacketQuestion> {
  const {
    src = '',
    dst = '',
    port = '',
    proto = '',
    family = '',
    interface: inputInterface = '',
    remembered = '',
  } = query;
  if (src === '' || dst === '') {
    return unclear({
      code: 'query-incomplete',
      problem: 'src or dst is missing',
      remedy: 'ask with ?src=outside&dst=team/api:http',
    });
  }
  const protocol = protocols[proto.toLowerCase()];
  const ofFamily = families[family.toLowerCase()];
  if ((proto !== '' && protocol === undefined) || (family !== '' && ofFamily === undefined)) {
    return unclear({
      code: 'query-invalid',
      problem: 'proto or family has an invalid value',
      remedy: 'use tcp, udp or sctp; ipv4 or ipv6',
    });
  }
  const host =
    dst.includes(':') && /^[0-9a-f:.]+$/i.test(dst) && port !== '' && dst.split(':').length > 2 ? `[${dst}]` : dst;
  return resolved({
    source: src,
    destination: port === '' ? dst : `${host}:${port}`,
    ...(protocol === undefined ? {} : { protocol }),
    ...(ofFamily === undefined ? {} : { family: ofFamily }),
    ...(inputInterface === '' ? {} : { inputInterface }),
    ...(remembered === '' ? {} : { remembered }),
  });
}

/** An answer received over HTTP; undefined if it does not have the right shape. */
export function readAnswer(json: unknown): PacketAnswer | undefined {
  if (!isFields(json)) return undefined;
  const { kind, explanation, unclear: what } = json;
  const isUnclear = kind === 'unclear' && isFields(what) && areTexts(what, ['code', 'problem', 'remedy']);
  const isExplained = kind === 'explained' && isFields(explanation) && isExplanation(explanation);
  // Only what is printed is checked: texts and lists.
  return isUnclear || isExplained ? printableValue(json as unknown as PacketAnswer) : undefined;
}

function isExplanation(fields: JsonFields): boolean {
  const { question, packet, target, sender, walk } = fields;
  const lists = ['decisions', 'reasons', 'notes', 'endpoints', 'outcomes'];
  return (
    areTexts(fields, ['node', 'verdict', 'headline']) &&
    isFields(question) &&
    areTexts(question, ['source', 'destination']) &&
    (packet === undefined || (isFields(packet) && areTexts(packet, ['source', 'destination', 'protocol']))) &&
    isFields(target) &&
    areTexts(target, ['text']) &&
    (sender === undefined || (isFields(sender) && areTexts(sender, ['text']))) &&
    lists.every((key) => Array.isArray(fields[key]) && (fields[key] as readonly unknown[]).every(isFields)) &&
    (walk === undefined || (isFields(walk) && isWalk(walk)))
  );
}

function isWalk({ steps, problems, outcomes }: JsonFields): boolean {
  const isStep = (step: unknown): boolean =>
    isFields(step) && areTexts(step, ['place', 'rule']) && Array.isArray(step['next']) && step['next'].every(isStep);
  return Array.isArray(steps) && steps.every(isStep) && Array.isArray(problems) && Array.isArray(outcomes);
}

function areTexts(fields: JsonFields, keys: readonly string[]): boolean {
  return keys.every((key) => typeof fields[key] === 'string');
}
