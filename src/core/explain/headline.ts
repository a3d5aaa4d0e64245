/** The outcome of a packet in one sentence. */
import type { OutcomeShare, PacketVerdict, Walk } from './explanation.ts';
import { outcomeText } from './shares.ts';

/** `service`: the Service of the endpoints, where it is known. */
export function headlineOf(
  verdict: PacketVerdict,
  outcomes: readonly OutcomeShare[],
  service: string | undefined,
): string {
  switch (verdict) {
    case 'delivered':
      return delivered(outcomes, service);
    case 'refused':
      return 'Refused: the client gets an ICMP error at once (connection refused).';
    case 'dropped':
      return 'Dropped without an answer: the client waits until it times out.';
    case 'accepted':
      return 'Accepted by a rule for it, without NAT.';
    case 'untouched':
      return 'Not touched: no service proxy rule applies, and the packet follows the routing table.';
    case 'mixed':
      return `Random: ${outcomes.map(describeOutcome).join('; ')}.`;
    case 'unknown':
      return 'Unknown: some of the rules cannot be modelled (see rules).';
    default:
      return verdict satisfies never;
  }
}

/** The headline describes the Services; if a dump differs, the headline says so first. */
export function withAgreement(headline: string, agreement: Walk['agreement']): string {
  switch (agreement) {
    case 'different':
      return `According to the Services: ${headline} But the rules in the dump do something else (see rules).`;
    case 'unknown':
      return `According to the Services: ${headline} Unknown whether the rules in the dump do the same (see rules).`;
    case 'same':
    case undefined:
      return headline;
    default:
      return agreement satisfies never;
  }
}

/** `1/3 to 10.244.1.1:8080, masqueraded` */
function describeOutcome(outcome: OutcomeShare): string {
  return `${outcome.share.fraction} ${outcomeText(outcome)}`;
}

function delivered(outcomes: readonly OutcomeShare[], service: string | undefined): string {
  const endpoints = new Set(outcomes.map(({ endpoint }) => endpoint));
  const [only] = endpoints;
  const whose = service === undefined ? '' : ` of ${service}`;
  const where = endpoints.size === 1 ? `${only ?? ''}${whose}` : `one of ${endpoints.size} endpoints${whose}`;
  const masqueraded = outcomes.filter(({ masquerade }) => masquerade === true).length;
  const source =
    masqueraded === 0
      ? 'its source is kept'
      : masqueraded === outcomes.length
        ? 'masqueraded'
        : 'masqueraded for some of them';
  return `Sent to ${where}; ${source}.`;
}
