export interface Instruction {
  readonly keyword: string;
  readonly arguments: string;
}

/** A build stage: its FROM line and what follows it. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** The stage it copies from, or undefined for the repository. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
}

/** The stages of a Dockerfile, with comments left out and continued lines joined. */
export function readStages(text: string): readonly Stage[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const starts = lines.flatMap((line, index) => (line.startsWith('FROM ') ? [index] : []));
  return starts.map((start, index) => readStage(lines.slice(start, starts[index + 1])));
}

function readStage(lines: readonly string[]): Stage {
  const [from, ...instructions] = lines.map((line) => {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    return { keyword, arguments: words.join(' ') };
  });
  const [image = '', , name] = from?.arguments.split(' ') ?? [];
  return { image, name, instructions };
}

export function copiesOf({ instructions }: Stage): readonly Copy[] {
  return instructions
    .filter(({ keyword }) => keyword === 'COPY')
    .map(({ arguments: text }) => {
      const words = text.split(' ');
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      const paths = words.filter((word) => !word.startsWith('--'));
      return { from, sources: paths.slice(0, -1) };
    });
}

/** The Debian packages that a stage installs. */
export function packagesOf({ instructions }: Stage): readonly string[] {
  return instructions
    .filter(({ keyword }) => keyword === 'RUN')
    .flatMap(
      ({ arguments: text }) =>
        text
          .match(/apt-get install([^&|;]*)/)?.[1]
          ?.trim()
          .split(/\s+/) ?? [],
    )
    .filter((word) => !word.startsWith('-'));
}
