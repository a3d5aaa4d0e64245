/**
 * Every flag that rulewright has and kube-proxy does not, and the groups of flags that commands share. A new flag is a
 * row here, and its name in the options of the commands that have it.
 */
import { type ProxyFlagName, flags as proxyFlags } from '../../configuration/flags.ts';

/** By name: the argument as --help shows it, empty for a switch, and a line of help. */
export const ownFlags = {
  filename: [
    '<path...>',
    'YAML or JSON file, directory (its *.yaml, *.yml and *.json), or - for standard input; may be repeated',
  ],
  recursive: ['', 'look into the folders of directories too'],
  kubeconfig: ['<file>', 'the cluster that this file leads to, instead of files'],
  'node-ip': ['<ip...>', "the node's addresses, the primary one of each family first; overrides the Node object's"],
  zone: ['<zone>', "the node's topology.kubernetes.io/zone; overrides the Node object's"],
  mode: ['<iptables|nftables>', 'kind of rules (default: iptables)'],
  'ip-family': [
    '<ipv4|ipv6|both>',
    'which rules; in iptables mode both together are for reading only (default: ipv4; both for nftables and json)',
  ],
  output: ['<text|json>', 'text for people, or JSON (default: text)'],
  strict: ['', 'warnings about the input fail: exit code 1'],
  verbose: ['', 'show diagnostics of severity info too'],
  color: ['<auto|always|never>', 'colours (default: auto, which honours NO_COLOR)'],
  // Of plan.
  live: ['', 'take OLD from the cluster that kubectl would ask'],
  overlay: ['', 'objects that are not in NEW stay, as with kubectl apply (default: they go)'],
  'all-nodes': ['', 'ask for each Node in the input'],
  'fail-on': [
    '<code|severity,...>',
    'exit code 1 when such a risk is found: codes of docs/cli-plan.md, or high, medium, low for these and worse, ' +
      'or change for anything at all; may be repeated',
  ],
  // Of explain; plan has --from and verify has --dump, too.
  proto: ['<tcp|udp|sctp>', "protocol (default: the Service port's, else tcp)"],
  interface: ['<name>', 'interface that it arrives on (default: as a pod or a client has it)'],
  remembered: ['<address:port>', 'the endpoint that session affinity remembers for this client'],
  dump: ['<file>', 'iptables-save or nft list ruleset, from a file or - for standard input'],
  from: ['<url>', "debug address of a daemon, which answers instead: 'http://127.0.0.1:10249'"],
  // Of verify.
  against: ['<backend...>', 'verify these too, of iptables, iptables-kube-proxy (layout) and nftables, and compare'],
  'all-backends': ['', 'verify all of them'],
  'accept-deviations': ['', 'known deviations of kube-proxy, which are shown, do not fail'],
  // Of cleanup.
  'kube-proxy': [
    '',
    "remove kube-proxy's tables, chains and canaries, and nothing of rulewright's (for the virtual servers and " +
      'ipsets of ipvs mode, run kube-proxy --cleanup)',
  ],
  force: ['', "remove rulewright's rules although its daemon runs"],
  'dry-run': ['', 'only show it'],
} as const satisfies Readonly<Record<string, readonly [argument: string, help: string]>>;

export type OwnFlagName = keyof typeof ownFlags;

/** Flags with a short form. */
export const letters: Readonly<Partial<Record<string, string>>> = {
  filename: 'f',
  recursive: 'R',
  output: 'o',
  verbose: 'v',
  v: 'v',
};

/** A flag as a command has it: as its table says, or with a help line and an argument for this command alone. */
export type FlagUse = FlagName | readonly [name: FlagName, help: string, argument?: string];

export type FlagName = OwnFlagName | ProxyFlagName;

/** Where objects come from. */
export const inputFlags: readonly FlagUse[] = ['filename', 'recursive', 'kubeconfig'];

/** Which node the rules are for. */
export const nodeGroup = {
  'The node:': [
    [
      'hostname-override',
      "name of the node that the rules are for (default: the only Node in the input, else this machine's name)",
    ],
    'node-ip',
    'zone',
  ],
} as const satisfies Readonly<Record<string, readonly FlagUse[]>>;

/** What shapes rules, under the names that kube-proxy has for it. */
export const rulesGroup: Readonly<Record<string, readonly FlagUse[]>> = {
  "Rules, with kube-proxy's own flags:": [
    ['config', 'KubeProxyConfiguration; the flags of this group are then ignored, as kube-proxy does'],
    'cluster-cidr',
    'detect-local-mode',
    'pod-bridge-interface',
    'pod-interface-name-prefix',
    'masquerade-all',
    'nodeport-addresses',
    'iptables-localhost-nodeports',
    ['iptables-masquerade-bit', 'bit of the packet mark that asks for masquerading (default: 14)'],
    'conntrack-tcp-be-liberal',
    'feature-gates',
    'protect-node-addresses',
    'protected-node-ports',
    'max-frontends',
    ['proxy-mode', 'the same as --mode'],
  ],
};

/** Of the commands that print rules. */
export const rulesOutput: Readonly<Record<string, readonly FlagUse[]>> = {
  'Output:': [
    'mode',
    'ip-family',
    'layout',
    [
      'output',
      'text for nft or iptables-restore, or all that was made and found as JSON (default: rules)',
      '<rules|json>',
    ],
    ['strict', 'warnings fail: exit code 1'],
    'verbose',
    ['color', 'colours on standard error (default: auto, which honours NO_COLOR)'],
  ],
};

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type GivenValue<Argument extends string> = Argument extends ''
  ? true
  : Argument extends `${string}...>`
    ? readonly string[]
    : string;

/** What was given, as commander collects it: no key for a flag that was not given, `true` for a bare boolean. */
export type GivenFlags = {
  readonly [Name in OwnFlagName as CamelCase<Name>]?: GivenValue<(typeof ownFlags)[Name][0]>;
} & {
  readonly [Name in Exclude<ProxyFlagName, OwnFlagName> as CamelCase<Name>]?: string | true | readonly string[];
};

/** `nodeport-addresses` → `nodeportAddresses`, as commander names it. */
function attributeOf(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const nameOfAttribute: ReadonlyMap<string, string> = new Map(
  [...Object.keys(ownFlags), ...proxyFlags.map(({ name }) => name)].map((name) => [attributeOf(name), name]),
);

/** The texts of each flag that was given, by its name without dashes, in order; a bare boolean is the text `true`. */
export function flagTexts(given: object): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  for (const [attribute, value] of Object.entries(given)) {
    const name = nameOfAttribute.get(attribute);
    if (name === undefined || value === undefined) continue;
    const all = [value].flat().map(String);
    // `-v=2` comes as the text `=2`.
    texts.set(name, name.length === 1 ? all.map((text) => text.replace(/^=/, '')) : all);
  }
  return texts;
}
