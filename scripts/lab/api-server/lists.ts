/** The lists that the test API server answers. */
import type { StatusAnswer } from './answer.ts';
import type { Route } from './routes.ts';
import { parseSelectors } from './selectors.ts';
import type { Store } from './store.ts';

/** What `continue` stands for: the version of the whole list, and the last key so far. */
interface Token {
  readonly version: number;
  readonly after: string;
}

/** The body of one page, or why there is none. */
export function listPage(store: Store, route: Route, query: URLSearchParams): string | StatusAnswer {
  const token = parseToken(query.get('continue'));
  if (token !== undefined && store.since(token.version) === undefined) {
    const message = 'The provided continue parameter is too old to display a consistent list result';
    return { code: 410, reason: 'Expired', message };
  }
  const selects = parseSelectors(query);
  const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
  const left = store
    .list(route.kind)
    .filter(([key, { object }]) => (token === undefined || key > token.after) && selects(object));
  const page = left.slice(0, limit);
  const version = token?.version ?? store.version();
  const isLast = page.length === left.length;
  const metadata = {
    resourceVersion: String(version),
    ...(isLast ? {} : { continue: formatToken({ version, after: page.at(-1)?.[0] ?? '' }) }),
  };
  const items = page.map(([, { json }]) => withoutType(json, route)).join(',');
  const head = JSON.stringify({ kind: `${route.kind}List`, apiVersion: route.apiVersion, metadata });
  return `${head.slice(0, -1)},"items":[${items}]}`;
}

/** Items of lists do not say of which kind they are. */
function withoutType(json: string, { kind, apiVersion }: Route): string {
  const types = [`"apiVersion":"${apiVersion}","kind":"${kind}",`, `"kind":"${kind}","apiVersion":"${apiVersion}",`];
  const found = types.find((text) => json.startsWith(text, 1));
  return found === undefined ? json : `{${json.slice(1 + found.length)}`;
}

function formatToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parseToken(text: string | null): Token | undefined {
  return text === null ? undefined : (JSON.parse(Buffer.from(text, 'base64url').toString()) as Token);
}
