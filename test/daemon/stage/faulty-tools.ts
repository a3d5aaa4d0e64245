/** Programs in place of nft and the iptables tools, in a folder for PATH, that do what they are told, call by call. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `fail`: says something about memory. `crash`: before it has read anything. `die-after`: once all is done. `half`: is
 * killed before it commits; iptables-restore, when it has committed the first of its tables. `garble`: says bytes
 * without sense. `slow`: takes a second more. `hang`: never ends.
 */
export type ToolFault = 'pass' | 'fail' | 'crash' | 'die-after' | 'half' | 'garble' | 'slow' | 'hang';

export interface FaultyTools {
  /** Goes before PATH. */
  readonly folder: string;
  /** What the next calls do that change rules, or those that do not; the ones after these do as the real programs. */
  plan(calls: 'writes' | 'reads', faults: readonly ToolFault[]): Promise<void>;
  /** All calls are real again. */
  forget(): Promise<void>;
  /** How many planned calls are still to come. */
  left(): Promise<number>;
  remove(): Promise<void>;
}

const restores = ['iptables', 'ip6tables'].flatMap((name) => [`${name}-nft-restore`, `${name}-legacy-restore`]);
const saves = ['iptables', 'ip6tables'].flatMap((name) => [`${name}-nft-save`, `${name}-legacy-save`]);

const script = `#!/bin/sh
here=\${0%/*}
name=\${0##*/}
PATH=/usr/sbin:/usr/bin:/sbin:/bin
fault=pass
case "$name $*" in
"nft -f"* | *-restore*--noflush*) calls=writes ;;
*) calls=reads ;;
esac
for file in "$here/$calls"/*; do
  [ -e "$file" ] || break
  if mv "$file" "$here/taken/" 2>/dev/null; then fault=\${file##*.}; break; fi
done
case $fault in
fail) echo "Error: Could not process rule: Cannot allocate memory" >&2; exit 1 ;;
crash) kill -SEGV $$ ;;
die-after) "$name" "$@"; kill -KILL $$ ;;
half)
  text=$(cat)
  lines=$(printf '%s\\n' "$text" | awk '/^COMMIT$/ { print NR; exit }')
  printf '%s\\n' "$text" | head -n "\${lines:-0}" | "$name" "$@"
  kill -KILL $$ ;;
garble) cat > /dev/null; head -c 300 /dev/urandom >&2; head -c 300 /dev/urandom; exit 1 ;;
slow) sleep 1; exec "$name" "$@" ;;
hang) exec sleep 1000 ;;
*) exec "$name" "$@" ;;
esac
`;

export async function makeFaultyTools(): Promise<FaultyTools> {
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-tools-'));
  for (const name of ['writes', 'reads', 'taken']) await mkdir(join(folder, name));
  for (const name of ['nft', ...restores, ...saves]) {
    await writeFile(join(folder, name), script);
    await chmod(join(folder, name), 0o755);
  }
  let planned = 0;
  return {
    folder,
    async plan(calls, faults) {
      for (const fault of faults) {
        planned += 1;
        await writeFile(join(folder, calls, `${String(planned).padStart(6, '0')}.${fault}`), '');
      }
    },
    async forget() {
      for (const calls of ['writes', 'reads']) {
        for (const file of await readdir(join(folder, calls))) await rm(join(folder, calls, file), { force: true });
      }
    },
    left: async () =>
      (await Promise.all(['writes', 'reads'].map((calls) => readdir(join(folder, calls))))).flat().length,
    remove: () => rm(folder, { recursive: true }),
  };
}
