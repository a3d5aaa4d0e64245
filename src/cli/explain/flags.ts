/** The flags that `explain` has besides those of `compile`: what commander read → settings, or every usage error. */
import type { PacketQuestion } from '../../core/explain/explanation.ts';
import { formatHostPort, type IpFamily, parseIpAddress } from '../../core/model/address.ts';
import type { Protocol } from '../../core/model/objects.ts';
import type { Source } from '../../documents/source.ts';
import { optional, type Reading, refuse, takeInto } from '../flags/reading.ts';
import { type CompileSettings, type GivenFlags, readFlags } from '../flags/settings.ts';
import { readChoice } from '../flags/values.ts';

/** As commander collects them. */
export interface ExplainFlags extends GivenFlags {
  readonly proto?: string;
  readonly interface?: string;
  readonly remembered?: string;
  readonly dump?: string;
  readonly from?: string;
}

export interface ExplainSettings {
  /** The output among them is how the input is compiled, not how the answer is shown. */
  readonly compile: CompileSettings;
  readonly question: PacketQuestion;
  readonly output: 'text' | 'json';
  /** Path of a file, or `-`. */
  readonly dump: string | undefined;
  readonly from: URL | undefined;
}

type Result = { readonly settings: ExplainSettings } | { readonly errors: readonly string[] };

/** Reads all flags; `config` is the file of --config. */
export function readExplainFlags(source: string, destination: string, given: ExplainFlags, config?: Source): Result {
  const errors: string[] = [];
  const take = takeInto(errors);
  const output = take(optional('--output', given.output, readOutput), 'text');
  const from = take<URL | undefined>(optional('--from', given.from, readUrl), undefined);
  const family = take<IpFamily | undefined>(optional('--ip-family', given.ipFamily, readFamily), undefined);
  const protocol = take<Protocol | undefined>(optional('--proto', given.proto, readProtocol), undefined);
  const remembered = take<string | undefined>(optional('--remembered', given.remembered, readEndpoint), undefined);
  const inputInterface = take<string | undefined>(optional('--interface', given.interface, readInterface), undefined);
  const { ipFamily: _, ...others } = given;
  const isOptional = given.dump !== undefined || given.from !== undefined;
  const compile = readFlags({ ...others, output: 'json' }, { inputs: isOptional ? null : '--filename', config });
  const problems = [...errors, ...('errors' in compile ? compile.errors : []), ...conflicts(given)];
  if ('errors' in compile || problems.length > 0) return { errors: problems };
  const question: PacketQuestion = {
    source,
    destination,
    ...(protocol === undefined ? {} : { protocol }),
    ...(family === undefined ? {} : { family }),
    ...(inputInterface === undefined ? {} : { inputInterface }),
    ...(remembered === undefined ? {} : { remembered }),
  };
  return { settings: { compile: compile.settings, question, output, dump: given.dump, from } };
}

function conflicts({ filename = [], kubeconfig, dump, from }: ExplainFlags): readonly string[] {
  if (from !== undefined && (dump !== undefined || kubeconfig !== undefined || filename.length > 0)) {
    return ['--from: the daemon knows its own cluster and rules, want it without --filename, --kubeconfig and --dump'];
  }
  return dump === '-' && filename.includes('-') ? ['--dump: got - (stdin), which --filename reads already'] : [];
}

const readOutput = (flag: string, given: string) => readChoice(flag, given, ['text', 'json'] as const);

function readFamily(flag: string, given: string): Reading<IpFamily> {
  const family = given.toLowerCase();
  if (family === 'ipv4') return { value: 'IPv4' };
  return family === 'ipv6' ? { value: 'IPv6' } : refuse(flag, given, 'ipv4 or ipv6');
}

function readProtocol(flag: string, given: string): Reading<Protocol> {
  const protocol = (['TCP', 'UDP', 'SCTP'] as const).find((each) => each === given.toUpperCase());
  return protocol === undefined ? refuse(flag, given, 'tcp, udp or sctp') : { value: protocol };
}

/** Canonical, as plans have it. */
function readEndpoint(flag: string, given: string): Reading<string> {
  const [, host = '', portText = ''] = /^\[?([^\]]*)\]?:([0-9]{1,5})$/.exec(given) ?? [];
  const [address, port] = [parseIpAddress(host), Number(portText)];
  if (address === undefined || port < 1 || port > 65_535) {
    return refuse(flag, given, 'an endpoint such as 10.244.1.7:8080 or [fd00::7]:8080');
  }
  return { value: formatHostPort(address, port) };
}

/** IFNAMSIZ is 16 with the final NUL (include/uapi/linux/if.h). */
function readInterface(flag: string, given: string): Reading<string> {
  return /^[\x21-\x7e]{1,15}$/.test(given) ? { value: given } : refuse(flag, given, 'the name of an interface');
}

function readUrl(flag: string, given: string): Reading<URL> {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  return url !== undefined && isHttp ? { value: url } : refuse(flag, given, 'a URL such as http://127.0.0.1:10249');
}
