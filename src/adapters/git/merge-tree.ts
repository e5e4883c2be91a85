import type { FileMode } from '#domain/diff.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Conflict, ConflictSide, MergedTree } from '#train/ports.ts';
import { gitOid, zeroParts } from './oid.ts';

/** Messages of git that stand beside a conflict of contents and say nothing further. */
const HARMLESS = new Set(['Auto-merging', 'CONFLICT (contents)']);

/** `git merge-tree --write-tree`, exit code 1 for a conflict. */
export async function mergeTree(git: Git, repoDir: string, ours: GitOid, theirs: GitOid): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '-z', ours, theirs];
  const output = await git.run({ args, gitDir: repoDir, accept: [0, 1] });
  const [tree = '', ...rest] = zeroParts(output.stdout);
  if (output.exitCode === 0) return { kind: 'clean', tree: gitOid(tree) };

  const end = rest.indexOf('');
  const stages = stagesOf(end === -1 ? rest : rest.slice(0, end));
  const { troubled, strange } = readMessages(end === -1 ? [] : rest.slice(end + 1));
  const files = [...stages].map(([path, sides]) => conflictOf(path, sides, !strange.has(path)));
  // What git reports without leaving stages of it (a lost rename target, say) must not look resolved.
  for (const path of troubled) {
    if (!stages.has(path)) files.push({ path, base: null, ours: null, theirs: null, contentOnly: false });
  }
  return { kind: 'conflict', tree: gitOid(tree), files };
}

type Sides = readonly [base: ConflictSide | null, ours: ConflictSide | null, theirs: ConflictSide | null];

/** `<mode> <oid> <stage>\t<path>`; stage 1 is the base, 2 ours, 3 theirs. */
function stagesOf(entries: readonly string[]): ReadonlyMap<string, Sides> {
  const stages = new Map<string, Sides>();
  for (const entry of entries) {
    const match = /^(\d{6}) ([0-9a-f]{40}) ([123])\t(.*)$/s.exec(entry);
    if (match === null) continue;
    const [, mode, oid = '', stage, path = ''] = match;
    const [base, ours, theirs] = stages.get(path) ?? [null, null, null];
    // The cast is true: these are the modes that trees hold.
    const side = { mode: mode as FileMode, oid: gitOid(oid) };
    stages.set(path, [stage === '1' ? side : base, stage === '2' ? side : ours, stage === '3' ? side : theirs]);
  }
  return stages;
}

function conflictOf(path: string, [base, ours, theirs]: Sides, onlyContents: boolean): Conflict {
  const isPlain = (side: ConflictSide | null): boolean => side?.mode === '100644' || side?.mode === '100755';
  const sameMode = ours?.mode === theirs?.mode;
  const contentOnly = onlyContents && sameMode && isPlain(base) && isPlain(ours) && isPlain(theirs);
  return { path, base, ours, theirs, contentOnly };
}

/** `<number of paths>`, the paths, the kind, the text; paths of every conflict, and of those that are not about contents alone. */
function readMessages(parts: readonly string[]): { troubled: ReadonlySet<string>; strange: ReadonlySet<string> } {
  const troubled = new Set<string>();
  const strange = new Set<string>();
  for (let i = 0; i < parts.length;) {
    const count = Number(parts[i]);
    const paths = parts.slice(i + 1, i + 1 + count);
    const kind = parts[i + 1 + count] ?? '';
    for (const path of paths) {
      if (kind !== 'Auto-merging') troubled.add(path);
      if (!HARMLESS.has(kind)) strange.add(path);
    }
    i += count + 3;
  }
  return { troubled, strange };
}
