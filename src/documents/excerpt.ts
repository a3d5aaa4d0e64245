/** The line of a text that is shown with a finding, where it may be shown: a log of CI can be read by many. */
import type { SourcePlace } from './finding.ts';
import { lineText, positionAt } from './source.ts';

/**
 * The line at the place. Undefined where the document around it is no manifest: a file that was named by mistake, or
 * that a link in a pull request leads to, may hold secrets (an .env file, a kubeconfig, the environment of a process).
 */
export function excerptAt({ source, offset }: SourcePlace): string | undefined {
  return isManifest(documentAround(source.text, offset))
    ? lineText(source, positionAt(source, offset).line)
    : undefined;
}

/** Whether a text says that it is a Kubernetes object, and none that exists to keep secrets. */
export function isManifest(document: string): boolean {
  const kind = /^[ \t{]*["']?kind["']?[ \t]*:[ \t]*["']?(\w+)/m.exec(onLines(document))?.[1];
  const hasVersion = /^[ \t{]*["']?apiVersion["']?[ \t]*:/m.test(onLines(document));
  return hasVersion && kind !== undefined && !secretive.has(kind);
}

/** `Config` is a kubeconfig. */
const secretive: ReadonlySet<string> = new Set(['Secret', 'SecretList', 'Config']);

/** JSON may be one line: what begins a field begins a line. Of a large list the beginning says enough. */
function onLines(document: string): string {
  return document.slice(0, 10_000).replaceAll(/,\s*(?=")/g, ',\n');
}

/** From one `---` to the next. */
function documentAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n---', offset) + 1;
  const end = text.indexOf('\n---', offset + 1);
  return text.slice(start, end === -1 ? undefined : end);
}
