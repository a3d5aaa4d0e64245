/** A configuration as the text of a file: every field, with the value in use (`--write-config-to`). */
import { stringify } from 'yaml';
import { apiVersion, kind } from './document.ts';
import { type Configuration, fieldAt, fieldPaths } from './fields.ts';
import { fieldOf, flags } from './flags.ts';

type Section = { [key: string]: unknown };

/** YAML that `readDocument` reads to the same configuration, except that a file cannot turn a server off. */
export function writeConfiguration(configuration: Configuration): string {
  const off = (['healthzBindAddress', 'metricsBindAddress'] as const).filter((path) => configuration[path] === null);
  const comments = off.map((path) => `# ${path}: there is no such server; only flags can say so.\n`);
  return comments.join('') + stringify(configurationObject(configuration), { sortMapEntries: true });
}

/** As the file has it, as JSON. */
export function configurationObject(configuration: Configuration): Readonly<Section> {
  const root: Section = { apiVersion, kind };
  for (const path of fieldPaths) {
    const field = fieldAt(path);
    if (field.removed) continue;
    const keys = path.split('.');
    const key = keys.pop() ?? '';
    sectionAt(root, keys)[key] = field.kind.print(configuration[path]);
  }
  return root;
}

function sectionAt(root: Section, keys: readonly string[]): Section {
  let section = root;
  for (const key of keys) {
    // What is at a section's place was put there by this loop.
    section[key] ??= {};
    section = section[key] as Section;
  }
  return section;
}

/** Every flag that stands for a field, with the value in use, as text. */
export function flagValues(configuration: Configuration): Readonly<Record<string, string>> {
  const values = flags.flatMap((flag): readonly (readonly [string, string])[] => {
    const path = fieldOf(flag, configuration.mode);
    if (path === undefined) return [];
    const value = fieldAt(path).kind.print(configuration[path]);
    return [[flag.name, typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')]];
  });
  return Object.fromEntries(values);
}
