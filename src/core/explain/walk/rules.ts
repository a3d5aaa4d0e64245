/** Rules of either mode, compiled or from a dump, that a packet can be traced through. */
import { printRule as printIptablesRule } from '../../iptables/print/print.ts';
import type { IptablesRuleset } from '../../iptables/ruleset.ts';
import type { ForeignRuleset } from '../../nftables/listing/ruleset.ts';
import { printRule as printNftablesRule } from '../../nftables/print/rule.ts';
import type { Rules } from '../../rules.ts';
import type { PacketRemark, Walk } from '../explanation.ts';

/** A listed rule: its text, and separately its comment, which may name the service port. */
export interface ListedRule {
  readonly text: string;
  readonly comment: string | undefined;
}

export type WalkedRules = {
  readonly origin: Walk['origin'];
  /** Lines that could not be parsed; a packet may meet them unnoticed. */
  readonly unread: readonly PacketRemark[];
  /** Undefined for a missing rule. */
  readonly list: (table: string, chain: string, rule: number) => ListedRule | undefined;
} & (
  | { readonly mode: 'iptables'; readonly ruleset: IptablesRuleset }
  | { readonly mode: 'nftables'; readonly ruleset: ForeignRuleset }
);

/** Our rules, from the compiler. */
export function compiledRules(rules: Rules): WalkedRules {
  if (rules.mode === 'iptables') return iptablesRules('compiled', rules.ruleset, []);
  const { mode, ruleset } = rules;
  const list: WalkedRules['list'] = (_table, chain, index) => {
    const rule = ruleset.chains.find(({ name }) => name === chain)?.rules[index];
    if (rule === undefined) return undefined;
    const { comment, ...bare } = rule;
    return { text: printNftablesRule(ruleset.family, bare), comment };
  };
  return { origin: 'compiled', mode, ruleset, unread: [], list };
}

export function iptablesRules(
  origin: Walk['origin'],
  ruleset: IptablesRuleset,
  unread: readonly PacketRemark[],
): WalkedRules {
  const list: WalkedRules['list'] = (table, chain, index) => {
    const chains = ruleset.tables.find(({ name }) => name === table)?.chains;
    const rule = chains?.find(({ name }) => name === chain)?.rules[index];
    if (rule === undefined) return undefined;
    const { comment, ...bare } = rule;
    return { text: printIptablesRule(ruleset.family, chain, bare).slice(`-A ${chain} `.length), comment };
  };
  return { origin, mode: 'iptables', ruleset, unread, list };
}

/** From an nft listing; its lines are shown unchanged. */
export function listedRules(ruleset: ForeignRuleset, unread: readonly PacketRemark[]): WalkedRules {
  const list: WalkedRules['list'] = (_table, chain, index) => {
    const rule = ruleset.chains.find(({ name }) => name === chain)?.rules[index];
    if (rule === undefined) return undefined;
    return { text: (rule.text ?? '').replace(/ comment "[^"]*"$/, ''), comment: rule.comment };
  };
  return { origin: 'dump', mode: 'nftables', ruleset, unread, list };
}
