/**
 * What rulewright's nftables rulesets are made of, one small ruleset for each thing that some nft or kernel may lack.
 * They are values for the same printer as the real ones, so that they cannot say it in another way. A test holds all
 * rulesets of the compiler against them.
 */
import type { IpFamily } from '../../core/model/address.ts';
import { cidrOf } from '../../core/model/cidr.ts';
import type { NftablesRuleset } from '../../core/nftables/ruleset.ts';
import { exampleAddress } from '../example-address.ts';
import { lookupConstructs, slotConstructs } from './map-constructs.ts';
import { matchConstructs, natConstructs } from './rule-constructs.ts';

export interface Construct {
  /** For people: what is missing where this is refused. */
  readonly name: string;
  readonly ruleset: NftablesRuleset;
}

/** All constructs in use. Names of chains and sets differ, so that all fit into one table. */
export function constructsInUse(family: IpFamily): readonly Construct[] {
  const examples = { address: exampleAddress(family), block: cidrOf(exampleAddress(family), 24) };
  return [...natConstructs, ...matchConstructs, ...lookupConstructs, ...slotConstructs].map(({ name, parts }) => {
    const { sets = [], chains } = parts(examples);
    return { name, ruleset: { family, sets, chains } };
  });
}

/** One ruleset with everything, so that one run of nft says whether all is well. */
export function allInOne(family: IpFamily): NftablesRuleset {
  const rulesets = constructsInUse(family).map(({ ruleset }) => ruleset);
  return {
    family,
    sets: rulesets.flatMap(({ sets }) => sets),
    chains: rulesets.flatMap(({ chains }) => chains),
  };
}
