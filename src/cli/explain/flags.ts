/** The flags of `explain`, those of `compile` among them: what commander read → settings, or every usage error. */
import { type Parsed, unfit } from '../../configuration/parsed.ts';
import type { PacketQuestion } from '../../core/explain/explanation.ts';
import { formatHostPort, parseIpAddress } from '../../core/model/address.ts';
import type { Protocol } from '../../core/model/objects.ts';
import type { Source } from '../../documents/source.ts';
import { type FlagsRead, flagReader, oneOf, parseFamily, parseUrl } from '../flags/reading.ts';
import { type CompileSettings, readCompileFlags } from '../flags/settings.ts';
import type { GivenFlags } from '../flags/table.ts';

export interface ExplainSettings {
  /** The output among them is how the input is compiled, not how the answer is shown. */
  readonly compile: CompileSettings;
  readonly question: PacketQuestion;
  readonly output: 'text' | 'json';
  /** Path of a file, or `-`. */
  readonly dump: string | undefined;
  readonly from: URL | undefined;
}

/** Reads all flags; `config` is the file of --config. */
export function readExplainFlags(
  source: string,
  destination: string,
  given: GivenFlags,
  config?: Source,
): FlagsRead<ExplainSettings> {
  const { errors, read } = flagReader(given);
  const output = read('output', oneOf('text', 'json'), 'text');
  const from = read('from', parseUrl, undefined);
  const family = read('ip-family', parseFamily, undefined);
  const protocol = read('proto', parseProtocol, undefined);
  const remembered = read('remembered', parseEndpoint, undefined);
  const inputInterface = read('interface', parseInterface, undefined);
  const { ipFamily: _, ...others } = given;
  const isOptional = given.dump !== undefined || given.from !== undefined;
  const compile = readCompileFlags({ ...others, output: 'json' }, { inputs: isOptional ? null : '--filename', config });
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

function conflicts({ filename = [], kubeconfig, dump, from }: GivenFlags): readonly string[] {
  if (from !== undefined && (dump !== undefined || kubeconfig !== undefined || filename.length > 0)) {
    return ['--from: the daemon knows its own cluster and rules, want it without --filename, --kubeconfig and --dump'];
  }
  return dump === '-' && filename.includes('-') ? ['--dump: got - (stdin), which --filename reads already'] : [];
}

function parseProtocol(text: string): Parsed<Protocol> {
  const protocol = (['TCP', 'UDP', 'SCTP'] as const).find((each) => each === text.toUpperCase());
  return protocol === undefined ? unfit(text, 'tcp, udp or sctp') : { value: protocol };
}

/** Canonical, as plans have it. */
function parseEndpoint(text: string): Parsed<string> {
  const [, host = '', portText = ''] = /^\[?([^\]]*)\]?:([0-9]{1,5})$/.exec(text) ?? [];
  const [address, port] = [parseIpAddress(host), Number(portText)];
  if (address === undefined || port < 1 || port > 65_535) {
    return unfit(text, 'an endpoint such as 10.244.1.7:8080 or [fd00::7]:8080');
  }
  return { value: formatHostPort(address, port) };
}

/** IFNAMSIZ is 16 with the final NUL (include/uapi/linux/if.h). */
function parseInterface(text: string): Parsed<string> {
  return /^[\x21-\x7e]{1,15}$/.test(text) ? { value: text } : unfit(text, 'the name of an interface');
}
