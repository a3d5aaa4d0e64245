/** A line of iptables-save or iptables-restore as words. */

/**
 * The words of a line, by the rules of iptables-restore (add_param_to_argv in iptables/xshared.c): double quotes hold
 * white space, a backslash within them takes the next character as it is, the closing quote ends the word, and
 * outside of quotes a backslash is a character like any other. Returns undefined when a quote is not closed.
 */
export function splitWords(line: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(/[ \t]+/).filter((word) => word !== '');
  const words: string[] = [];
  let word = '';
  let i = 0;
  while (i < line.length) {
    const char = line.charAt(i);
    if (char === '"') {
      const quoted = readQuoted(line, i + 1);
      if (quoted === undefined) return undefined;
      words.push(word + quoted.text);
      word = '';
      i = quoted.end;
    } else {
      if (char !== ' ' && char !== '\t') {
        word += char;
      } else if (word !== '') {
        words.push(word);
        word = '';
      }
      i += 1;
    }
  }
  return word === '' ? words : [...words, word];
}

/** The text from `start` to the closing quote, and the place after that. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  for (let i = start; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (char === '"') return { text, end: i + 1 };
    if (char === '\\') i += 1;
    text += line.charAt(i);
  }
  return undefined;
}
