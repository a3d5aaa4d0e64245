/**
 * Whether a resource version is older than another. They are decimal numbers (Kubernetes promises it since 1.35), which
 * may be too long for a number of JavaScript. False when either is something else.
 */
export function isOlder(version: string, other: string): boolean {
  const isComparable = /^[1-9]\d*$/.test(version) && /^[1-9]\d*$/.test(other);
  if (!isComparable) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}
