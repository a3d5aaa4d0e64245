/** The frontends in a dump's rules, so that a question can name a Service although there is only the dump. */
import type { IptablesRule, IptablesRuleset } from '../../iptables/ruleset.ts';
import { type IpAddress, parseIpAddress } from '../../model/address.ts';
import { hostAddress } from '../../model/cidr.ts';
import type { Protocol, ServicePortRef } from '../../model/objects.ts';
import type { ForeignElement, ForeignRuleset } from '../../nftables/listing/ruleset.ts';
import { serviceOfChain, serviceOfComment } from '../walk/owner.ts';
import type { WalkedRules } from '../walk/rules.ts';

export interface DumpFrontend {
  readonly service: ServicePortRef;
  readonly address: IpAddress;
  readonly protocol: Protocol;
  readonly port: number;
}

/** In the order of the rules; NodePorts are not among them, since they have no address of their own. */
export function frontendsOfDump(rules: WalkedRules): readonly DumpFrontend[] {
  return rules.mode === 'iptables' ? iptablesFrontends(rules.ruleset) : nftablesFrontends(rules.ruleset);
}

function iptablesFrontends({ tables }: IptablesRuleset): readonly DumpFrontend[] {
  return tables.flatMap(({ chains }) =>
    chains.flatMap(({ rules }) => rules.flatMap((rule) => frontendOfRule(rule) ?? [])),
  );
}

function frontendOfRule({ match, comment }: IptablesRule): DumpFrontend | undefined {
  const service = serviceOfComment(comment);
  const { destination, destinationPort, protocol } = match;
  if (service === undefined || protocol === undefined || destination === undefined || destination.negated === true) {
    return undefined;
  }
  const address = hostAddress(destination.value);
  if (address === undefined || destinationPort === undefined) return undefined;
  return { service, address, protocol, port: destinationPort.from };
}

function nftablesFrontends({ sets }: ForeignRuleset): readonly DumpFrontend[] {
  return sets
    .filter(({ key, value }) => value === 'verdict' && key.join() === 'address,protocol,port')
    .flatMap(({ groups }) =>
      groups.flat().flatMap(({ elements }) => elements.flatMap((one) => frontendOfElement(one) ?? [])),
    );
}

function frontendOfElement({ key, value }: ForeignElement): DumpFrontend | undefined {
  const service = value !== undefined && 'chain' in value ? serviceOfChain(value.chain) : undefined;
  const [address, protocol, port] = key;
  const parsed = typeof address === 'string' ? parseIpAddress(address) : undefined;
  if (service === undefined || parsed === undefined || typeof port !== 'number') return undefined;
  return { service, address: parsed, protocol: protocol as Protocol, port };
}
