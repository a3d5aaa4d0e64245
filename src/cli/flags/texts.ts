/** From what commander collects to the texts of flags as src/configuration reads them. */
import { flags } from '../../configuration/flags.ts';
import type { FlagTexts } from '../../configuration/read-flags.ts';

/** `nodeport-addresses` → `nodeportAddresses`, as commander names it. */
function attributeOf(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const nameOfAttribute: ReadonlyMap<string, string> = new Map(flags.map(({ name }) => [attributeOf(name), name]));

/**
 * `collected`: no key for a flag that was not given, `true` for a bare boolean. Flags that src/configuration does not
 * know are left out.
 */
export function flagTexts(collected: object): FlagTexts {
  const texts = new Map<string, readonly string[]>();
  for (const [attribute, given] of Object.entries(collected)) {
    const name = nameOfAttribute.get(attribute);
    if (name === undefined || given === undefined) continue;
    const all = (Array.isArray(given) ? given : [given]).map(String);
    // `-v=2` comes as the text `=2`.
    texts.set(name, name.length === 1 ? all.map((text) => text.replace(/^=/, '')) : all);
  }
  return texts;
}

/** Values of a flag given several times. */
export function collect(value: string, earlier: readonly string[] | true = []): readonly string[] {
  return [...(earlier === true ? ['true'] : earlier), value];
}
