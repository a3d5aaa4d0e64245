/** Random nftables rulesets that are sound: `verifyRuleset` has nothing against them, and the kernel loads them. */
import fc from 'fast-check';
import type { IpFamily } from '../../../../src/core/model/address.ts';
import type { Protocol } from '../../../../src/core/model/objects.ts';
import type {
  ElementType,
  Key,
  NamedSet,
  NftablesChain,
  NftablesHook,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
  Statement,
} from '../../../../src/core/nftables/ruleset.ts';
import { arbitraryBlock, arbitraryDestination, arbitrarySet, arbitraryVerdict, record } from './sets.ts';

/** What may happen in a chain depends on the hooks that lead there. */
type Realm = 'filter' | 'destination' | 'source';

const realms: readonly Realm[] = ['filter', 'destination', 'source'];

const hooks: Readonly<Record<Realm, readonly NftablesHook[]>> = {
  filter: [
    { type: 'filter', hook: 'input', priority: 0 },
    { type: 'filter', hook: 'forward', priority: -110 },
    { type: 'filter', hook: 'output', priority: 110 },
  ],
  destination: [
    { type: 'nat', hook: 'prerouting', priority: -100 },
    { type: 'nat', hook: 'output', priority: -100 },
  ],
  source: [{ type: 'nat', hook: 'postrouting', priority: 100 }],
};

type SetType = Omit<NamedSet, 'groups'>;

const setTypes: readonly SetType[] = [
  { name: 'addresses', key: ['address'] },
  { name: 'pairs', key: ['address', 'address'] },
  { name: 'frontends', key: ['address', 'protocol', 'port'] },
  { name: 'ports', key: ['port'] },
  { name: 'protocols', key: ['protocol'] },
  { name: 'address-slots', key: ['address', 'slot'] },
  { name: 'blocks', key: ['address'], isInterval: true },
  { name: 'allowed-sources', key: ['address', 'protocol', 'port', 'address'], isInterval: true },
  { name: 'clients-1', key: ['address'], timeoutSeconds: 10800 },
  { name: 'clients-2', key: ['address'], timeoutSeconds: 90061 },
];

const destinationMaps: readonly SetType[] = [
  { name: 'endpoints', key: ['address', 'port', 'slot'], value: 'destination', protocol: 'TCP' },
  { name: 'node-port-endpoints', key: ['port', 'slot'], value: 'destination', protocol: 'UDP' },
  { name: 'by-address', key: ['address'], value: 'destination', protocol: 'SCTP' },
];

function verdictMaps(realm: Realm): readonly SetType[] {
  return [
    { name: `${realm}-verdicts`, key: ['address', 'protocol', 'port'], value: 'verdict' },
    { name: `${realm}-slot-verdicts`, key: ['port', 'slot'], value: 'verdict' },
  ];
}

/** A table with chains in all three realms: base chains that lead to all others, and those to some after them. */
export function arbitraryRuleset(family: IpFamily): fc.Arbitrary<NftablesRuleset> {
  const counts = fc.tuple(...realms.map(() => fc.integer({ min: 0, max: 4 })));
  return counts.chain((perRealm) => {
    const names = new Map(
      realms.map((realm, i) => [realm, Array.from({ length: perRealm[i] ?? 0 }, (_, n) => `${realm}-${n}`)]),
    );
    const chains = realms.flatMap((realm) => chainsOf(family, realm, names.get(realm) ?? []));
    const plainSets = [...setTypes, ...destinationMaps].map((type) => arbitrarySet(family, type));
    const maps = realms.flatMap((realm) =>
      verdictMaps(realm).map((type) => arbitrarySet(family, type, arbitraryVerdict(names.get(realm) ?? []))),
    );
    return record({
      family: fc.constant(family),
      sets: fc.tuple(...plainSets, ...maps),
      chains: fc.tuple(...chains),
    });
  });
}

function chainsOf(family: IpFamily, realm: Realm, names: readonly string[]): readonly fc.Arbitrary<NftablesChain>[] {
  const regular = names.map((name, i) =>
    record({
      name: fc.constant(name),
      rules: fc.array(arbitraryRule(family, realm, names.slice(i + 1)), { maxLength: 4 }),
    }),
  );
  const jumps = names.map((chain): NftablesRule => ({ matches: [], statements: [{ kind: 'jump', chain }] }));
  const lookups = verdictMaps(realm).map(
    ({ name, key }): NftablesRule => ({
      matches: [],
      statements: [{ kind: 'verdictMap', key: fieldsOf(key), map: name }],
    }),
  );
  const bases = hooks[realm].map((hook, i) =>
    record({
      name: fc.constant(`base-${realm}-${i}`),
      hook: fc.constant(hook),
      rules: fc
        .array(arbitraryRule(family, realm, names), { maxLength: 3 })
        .map((rules) => [...rules, ...jumps, ...lookups]),
    }),
  );
  return [...bases, ...regular];
}

function fieldsOf(key: readonly ElementType[]): Key {
  return key.map(
    (type) => (({ address: 'daddr', protocol: 'l4proto', port: 'dport', slot: { random: 7 } }) as const)[type],
  );
}

/** A rule of this realm that may lead to these chains. */
function arbitraryRule(family: IpFamily, realm: Realm, chains: readonly string[]): fc.Arbitrary<NftablesRule> {
  const matches = fc.uniqueArray(arbitraryMatch(family), { maxLength: 4, selector: ({ kind }) => kind });
  const statements = fc
    .tuple(fc.array(arbitraryStep, { maxLength: 2 }), arbitraryEnd(family, realm, chains))
    .map(([steps, ends]) => [...steps, ...ends]);
  const comment = fc.option(fc.string({ unit: fc.constantFrom(...'az09 -:/#;{}\\,'), maxLength: 30 }), {
    nil: undefined,
  });
  return fc
    .tuple(matches, statements, comment)
    .filter(([some, others]) => some.length + others.length > 0)
    .filter(([some, others]) => !others.some(needsProtocol) || some.some(isProtocols))
    .map(([some, others, text]) => ({
      matches: ofMapsProtocol(some, others),
      statements: others,
      ...(text === undefined ? {} : { comment: text }),
    }));
}

function isProtocols(match: NftablesMatch): boolean {
  return match.kind === 'protocols' && match.negated === undefined;
}

function needsProtocol(statement: Statement): boolean {
  return statement.kind === 'dnat' || statement.kind === 'dnatMap';
}

/**
 * A map of destinations is for one protocol, which the rule has to ask for: first, as it is where we make such rules.
 */
function ofMapsProtocol(matches: readonly NftablesMatch[], statements: readonly Statement[]): readonly NftablesMatch[] {
  const maps = statements.flatMap((statement) => (statement.kind === 'dnatMap' ? [statement.map] : []));
  const protocol = destinationMaps.find(({ name }) => maps.includes(name))?.protocol;
  if (protocol === undefined) return matches;
  return [{ kind: 'protocols', protocols: [protocol] }, ...matches.filter(({ kind }) => kind !== 'protocols')];
}

const bit = fc.integer({ min: 0, max: 31 });

const arbitraryStep: fc.Arbitrary<Statement> = fc.oneof(
  record({ kind: fc.constantFrom('setMarkBit', 'clearMarkBit'), bit }),
  record({ kind: fc.constant('remember'), set: fc.constantFrom('clients-1', 'clients-2') }),
);

/** The last statement, or none. */
function arbitraryEnd(family: IpFamily, realm: Realm, chains: readonly string[]): fc.Arbitrary<readonly Statement[]> {
  const kinds: fc.Arbitrary<Statement>[] = [record({ kind: fc.constantFrom('accept', 'drop', 'return') })];
  if (chains.length > 0) {
    const chain = fc.constantFrom(...chains);
    kinds.push(record({ kind: fc.constantFrom('jump', 'goto'), chain }));
    kinds.push(record({ kind: fc.constant('chooseChain'), chains: fc.array(chain, { minLength: 1, maxLength: 4 }) }));
  }
  if (realm === 'filter') kinds.push(fc.constant({ kind: 'reject' }));
  if (realm === 'source') kinds.push(fc.constant({ kind: 'masquerade' }));
  if (realm === 'destination') {
    const toMap = fc
      .constantFrom(...destinationMaps)
      .map(({ name, key }): Statement => ({ kind: 'dnatMap', key: fieldsOf(key), map: name }));
    kinds.push(
      arbitraryDestination(family).map(({ address, port }): Statement => ({ kind: 'dnat', address, port })),
      toMap,
    );
  }
  return fc.array(fc.oneof(...kinds), { maxLength: 1 });
}

function arbitraryMatch(family: IpFamily): fc.Arbitrary<NftablesMatch> {
  const field = fc.constantFrom<'saddr' | 'daddr'>('saddr', 'daddr');
  const negation = fc.constantFrom<{ readonly negated?: true }>({}, { negated: true });
  const protocols = fc.uniqueArray(fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP'), { minLength: 1 });
  const either = <T extends object>(match: fc.Arbitrary<T>): fc.Arbitrary<T & { readonly negated?: true }> =>
    fc.tuple(match, negation).map(([some, more]) => ({ ...some, ...more }));
  const inSet = fc
    .constantFrom(...setTypes)
    .chain(({ name, key }) =>
      fc
        .tuple(...key.map((type) => arbitraryField(type)))
        .map((fields) => ({ kind: 'in' as const, key: fields, set: name })),
    );
  const interfaceName = fc.constantFrom('eth0', 'cali*', 'eth0.5', 'a-b_c:d@e', '0123456789abcde', '0123456789abcd*');
  return fc.oneof(
    either(inSet),
    either(record({ kind: fc.constant('block'), field, block: arbitraryBlock(family) })),
    either(record({ kind: fc.constant('protocols'), protocols })),
    record({ kind: fc.constant('local'), field }),
    either(record({ kind: fc.constant('inputInterface'), name: interfaceName })),
    record({ kind: fc.constant('ctState'), state: fc.constantFrom('new', 'invalid') }),
    either(fc.constant({ kind: 'destinationRewritten' as const })),
    record({ kind: fc.constant('markBit'), bit }),
  );
}

function arbitraryField(type: ElementType): fc.Arbitrary<Key[number]> {
  switch (type) {
    case 'address':
      return fc.constantFrom('saddr', 'daddr', 'originalDaddr');
    case 'protocol':
      return fc.constant('l4proto');
    case 'port':
      return fc.constant('dport');
    case 'slot':
      return record({ random: fc.integer({ min: 1, max: 65536 }) });
    default:
      return type satisfies never;
  }
}
