/** How many rules an input of `iptables-restore` writes, by table. */
export function countRulesWritten(text: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  let table = '';
  // `*nat` begins a table, `-A`, `-I` and `-R` write a rule.
  for (const [line] of text.matchAll(/^(\*\w+|-[AIR] )/gm)) {
    if (line.startsWith('*')) {
      table = line.slice(1);
      counts[table] ??= 0;
    } else {
      counts[table] = (counts[table] ?? 0) + 1;
    }
  }
  return counts;
}
