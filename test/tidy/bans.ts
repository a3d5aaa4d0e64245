import type { TextFile } from './files.ts';
import type { Violation } from './violation.ts';

interface Ban {
  readonly name: string;
  readonly pattern: RegExp;
  /** The files it holds for. */
  readonly where: RegExp;
}

const code = /^(src|test|scripts)\/|^[^/]+\.ts$/;
const core = /^src\/core\//;
const backends = /^src\/core\/(iptables|nftables)\//;

/** Declarations are looked for at the start of a line, so that a comment may speak of a class of packets. */
const bans: readonly Ban[] = [
  // "as any other" in a comment is English.
  { name: 'as any', pattern: /\bas any\b(?! +\w)/, where: code },
  { name: '@ts-ignore', pattern: /@ts-ignore/, where: code },
  { name: 'biome-ignore', pattern: /biome-ignore/, where: code },
  { name: 'a skipped test', pattern: /\.skip\(/, where: code },
  { name: 'a focused test', pattern: /\.only\(/, where: code },
  { name: 'a test to be written', pattern: /\.todo\(/, where: code },
  { name: 'TODO', pattern: /\bTODO\b/, where: code },
  { name: 'FIXME', pattern: /\bFIXME\b/, where: code },
  { name: 'enum', pattern: /^\s*(export |declare |const )*enum\s/, where: code },
  { name: 'export default', pattern: /^\s*export default\b/, where: /^(src|test|scripts)\// },
  { name: 'a class in the core', pattern: /^\s*(export |declare |abstract )*class\s|[=(]\s*class\b/, where: core },
  { name: 'randomness in the core', pattern: /\bMath\.random\(/, where: core },
  { name: 'the clock in the core', pattern: /\bDate\.now\(|\bnew Date\(\)/, where: core },
  // What a Service asks for is decided once, in src/core/plan. A backend that knows these words decides it again.
  { name: 'trafficPolicy in a backend', pattern: /trafficPolicy/i, where: backends },
  { name: 'ready, serving or hints in a backend', pattern: /\b(ready|serving|hints)\b/i, where: backends },
  // Only an absolute path: not scripts/work, not ${folder}/root, not https://example.com/work.
  { name: 'a path of one machine', pattern: /(^|[^\w.}/-]|file:\/\/)\/(work|root)(\/|\b(?!-))/, where: /(?:)/ },
];

/** Words and constructs that must not occur. Files of test/tidy, which have to name them, are left out. */
export function checkBans(files: readonly TextFile[]): readonly Violation[] {
  return files
    .filter(({ path }) => !path.startsWith('test/tidy/'))
    .flatMap(({ path, text }) => {
      const held = bans.filter(({ where }) => where.test(path));
      return text
        .split('\n')
        .flatMap((line, index) =>
          held
            .filter(({ pattern }) => pattern.test(line))
            .map(({ name }) => ({ path, line: index + 1, message: `${name} is banned here: ${line.trim()}` })),
        );
    });
}
