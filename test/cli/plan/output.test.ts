/** What hostile text and huge forecasts make of the output for people. */
import { describe, expect, it } from 'vitest';
import type { NodesForecast } from '../../../src/cli/plan/forecasts.ts';
import { formatForecastMarkdown } from '../../../src/cli/plan/markdown.ts';
import { formatForecastText } from '../../../src/cli/plan/text.ts';

const hostile = '@everyone ```\n</code></details><script>x</script> [x](http://evil) `y` #1 \u001b[2J\u202e&lt;';

/** A forecast in which every text that could come from an object is this one. */
function forecastSaying(text: string, services = 1): NodesForecast {
  const port = { name: text, port: 80, protocol: 'TCP' } as const;
  return {
    names: [text],
    services: Array.from({ length: services }, (_, i) => ({
      namespace: 'shop',
      name: `${text}${i}`,
      change: 'changed',
      changes: [
        { kind: 'endpoints', family: 'IPv4', port, pool: 'cluster', before: 0, after: 1, gained: [text], lost: [] },
      ],
      openConnections: text,
    })),
    node: [{ setting: text, before: text, after: text }],
    notJudged: [],
    diagnostics: {
      appeared: [
        { code: text, severity: 'error', object: { kind: text, name: text }, field: '', problem: text, remedy: text },
      ],
      vanished: [],
    },
    risks: [
      { code: 'conflict', severity: 'medium', service: `shop/${text}0`, message: text },
      { code: 'node-wide', severity: 'high', message: text },
    ],
    totals: { before: services, after: services },
    rules: [],
  };
}

describe('Markdown of a forecast', () => {
  it('has no markup but its own, whatever the objects are called', () => {
    const lines = formatForecastMarkdown([forecastSaying(hostile)]).split('\n');
    const fences = lines.filter((line) => line.startsWith('```'));
    expect(fences).toEqual(lines.filter((line) => line.includes('```')));
    expect(fences.length % 2).toBe(0);
    let isCode = false;
    for (const line of lines) {
      if (line.startsWith('```')) {
        isCode = !isCode;
        continue;
      }
      if (isCode) continue;
      // Outside of fences hostile text stands in <code> only, with every bracket of its own escaped.
      const outside = line.replace(/<code>[^<]*<\/code>/g, '');
      expect(outside).not.toMatch(/@|#1|evil|script/);
      expect(outside.replace(/<\/?(?:details|details open|summary|b)>/g, '')).not.toMatch(/[<`]/);
    }
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('fits into a comment, and says how much does not', () => {
    const text = formatForecastMarkdown([forecastSaying('name', 10_000)]);
    expect(text.length).toBeLessThan(61_000);
    const shown = text.match(/<details/g)?.length ?? 0;
    const left = Number(/… and (\d+) more parts that do not fit/.exec(text)?.[1]);
    // The node and the diagnostics are parts too.
    expect(shown + left).toBe(10_002);
    expect(text.match(/^```/gm)?.length).toBe(2 * shown);
  });

  it('says so too when a single part is too large', () => {
    const [service] = forecastSaying('x'.repeat(990)).services;
    if (service === undefined) throw new Error('no Service');
    const changes = Array.from({ length: 100 }, () => service.changes).flat();
    const text = formatForecastMarkdown([{ ...forecastSaying('name'), services: [{ ...service, changes }] }]);
    expect(text.length).toBeLessThan(61_000);
    expect(text).toContain('… and 2 more parts that do not fit');
  });
});

describe('text of a forecast', () => {
  it('has nothing in it that a terminal would act on', () => {
    const text = formatForecastText([forecastSaying(hostile)], { isColored: false, width: undefined });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('\\u{1b}');
  });

  it('is as wide as the terminal', () => {
    const forecast = forecastSaying('some words that are many more than fit '.repeat(20).trim());
    const lines = formatForecastText([forecast], { isColored: false, width: 72 }).split('\n');
    expect(Math.max(...lines.filter((line) => line.startsWith('    ')).map((line) => line.length))).toBeLessThan(73);
  });

  it('shows the first hundred parts of a huge one, and says how many more there are', () => {
    const text = formatForecastText([forecastSaying('name', 10_000)], { isColored: false, width: undefined });
    expect(text.split('\n').length).toBeLessThan(1000);
    expect(text).toContain('… and 9902 more (-o json shows all)');
  });
});
