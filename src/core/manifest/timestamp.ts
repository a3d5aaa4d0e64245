/** RFC 3339 times, as Kubernetes writes them. */
const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 from RFC 3339 text such as `2026-11-23T04:56:37Z`; undefined when it is not a time. */
export function parseTimestamp(text: string): number | undefined {
  if (text.length > 35) return undefined;
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetMinutes = parseOffset(match[8] ?? 'Z');
  if (offsetMinutes === undefined) return undefined;
  const fractionMs = Math.floor(Number(match[7] ?? 0) * 1000);
  return Date.UTC(year, month - 1, day, hour, minute - offsetMinutes, second, fractionMs);
}

function daysInMonth(year: number, month: number): number {
  return (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000;
}

/** Minutes east of Greenwich. */
function parseOffset(text: string): number | undefined {
  if (text === 'Z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
