/**
 * `npm run bundle [FOLDER]`: the program as one file, which needs Node and nothing else. It starts some times faster
 * than hundreds of modules do, and takes less memory. Beside it: the licences of what is in it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Some packages are CommonJS and ask for Node's own modules with `require`, which an ES module does not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What Node is given when the image starts the program. */
export const imageFlags = ['--max-semi-space-size=4', '--optimize-for-size'] as const;

export interface Bundle {
  /** The program; it looks for package.json two folders up, as it does from src/cli and dist/cli. */
  readonly program: string;
  readonly licenses: string;
  /** Names of the packages that are in it. */
  readonly packages: readonly string[];
}

/** Writes the bundle into a folder. */
export async function bundle(folder: string): Promise<Bundle> {
  const program = join(folder, 'rulewright.js');
  const { metafile } = await build({
    entryPoints: [join(root, 'src/cli/rulewright.ts')],
    outfile: program,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    banner: { js: banner },
    // The same bytes, whether tsconfig.json is there or not.
    tsconfigRaw: {},
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const packages = packagesIn(metafile);
  const licenses = join(folder, 'LICENSES');
  writeFileSync(licenses, packages.map(licenseOf).join('\n'));
  return { program, licenses, packages };
}

/** `node_modules/a/node_modules/@b/c/x.js` is of the package whose folder is named last. */
function packagesIn({ inputs }: Metafile): readonly string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0].slice('node_modules/'.length) ?? [],
  );
  return [...new Set(folders)].sort();
}

function licenseOf(name: string): string {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const text = texts.length === 0 ? 'The package carries no text of it.' : texts.join('\n\n');
  return `==> ${name} ${version}, ${license} <==\n\n${text}\n`;
}

if (import.meta.main) {
  const { program, packages } = await bundle(process.argv[2] ?? join(root, 'dist/bundle'));
  console.log(`${program}: rulewright and ${packages.length} packages`);
}
