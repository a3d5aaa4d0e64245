/** Text that somebody else wrote, fit for a line of a log: printable ASCII, no line ends, at most this long. */
export function plainText(text: string, maxLength = 300): string {
  const plain = text
    .slice(0, maxLength + 1)
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[^ -~]/g, '?');
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}...` : plain;
}

/** `0.3 s`, `12 s`, `5 min`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 99_500 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
