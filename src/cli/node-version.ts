/** The oldest Node that everything in package.json runs on: the `engines` field says the same. */
const oldestMajor = 22;
const oldestMinor = 19;

/** What to say when this Node (`20.11.1`) is too old, in one line; empty when it is not. Read by old Nodes too. */
export function tooOldNode(version: string): string {
  const parts = version.split('.').map(Number);
  const major = Number(parts[0]);
  const isNewEnough = major > oldestMajor || (major === oldestMajor && Number(parts[1]) >= oldestMinor);
  if (isNewEnough) return '';
  return `rulewright needs Node ${oldestMajor}.${oldestMinor} or newer, but this is Node ${version}`;
}
