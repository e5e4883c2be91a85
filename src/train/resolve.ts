import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { ResolvedFile } from './landing.ts';
import type { Conflict, ConflictedFile, GitObjects, MergedPaths, MergedTree, MergeResolver } from './ports.ts';
import { reason } from './reasons.ts';

export type Resolved =
  | {
      readonly kind: 'resolved';
      readonly files: readonly { readonly path: string; readonly text: string }[];
      readonly resolved: readonly ResolvedFile[];
    }
  | { readonly kind: 'unresolved'; readonly reasons: readonly Reason[] };

/** Asks the resolver about each file; only what it settles by itself (tier `auto`) counts, and only all of them or none. */
export async function resolveConflicts(
  parts: { readonly objects: Pick<GitObjects, 'readBlobs' | 'paths'>; readonly resolver: MergeResolver },
  repoDir: string,
  merged: MergedTree & { readonly kind: 'conflict' },
): Promise<Resolved> {
  const tree = pathsOf(parts.objects, repoDir, merged.tree);
  const files: { path: string; text: string }[] = [];
  const resolved: ResolvedFile[] = [];
  const reasons: Reason[] = [];
  for (const conflict of merged.files) {
    const { path } = conflict;
    const file = await readSides(parts.objects, repoDir, conflict);
    if (typeof file === 'string') {
      reasons.push(conflictReason(path, file));
      continue;
    }
    const answer = await parts.resolver.resolve(file, tree);
    if (answer.status === 'resolved' && answer.tier === 'auto') {
      files.push({ path, text: answer.text });
      const { rule, confidence, record } = answer;
      const facts = record && { digests: record.digests, gates: record.gates };
      resolved.push({ path, rule, confidence, ...(facts ? { record: facts } : {}) });
    } else {
      const why =
        answer.status === 'resolved'
          ? `the resolver suggests only (${answer.rule}, confidence ${answer.confidence.toFixed(2)})`
          : answer.reasons.join('; ');
      reasons.push(conflictReason(path, why || 'the resolver found no answer'));
    }
  }
  return reasons.length === 0 ? { kind: 'resolved', files, resolved } : { kind: 'unresolved', reasons };
}

/** The files of the merged tree, listed when first asked for. */
function pathsOf(objects: Pick<GitObjects, 'paths'>, repoDir: string, tree: GitOid): MergedPaths {
  let listed: Promise<ReadonlySet<string>> | undefined;
  return { has: async (path) => (await (listed ??= objects.paths(repoDir, tree))).has(path) };
}

/** The three texts, or why there are not three. */
async function readSides(
  objects: Pick<GitObjects, 'readBlobs'>,
  repoDir: string,
  conflict: Conflict,
): Promise<ConflictedFile | string> {
  const { path, base, ours, theirs } = conflict;
  if (!conflict.contentOnly || base === null || ours === null || theirs === null) {
    return 'the file was added, deleted, renamed or changed in kind on both sides';
  }
  const blobs = await objects.readBlobs(repoDir, [base.oid, ours.oid, theirs.oid]);
  const [b, o, t] = [base, ours, theirs].map((side) => blobs.get(side.oid)?.text ?? null);
  if (typeof b !== 'string' || typeof o !== 'string' || typeof t !== 'string')
    return 'the file is not text, or too large';
  return { path, base: b, ours: o, theirs: t };
}

function conflictReason(path: string, why: string): Reason {
  return reason('MERGE_CONFLICT', `change.files[${JSON.stringify(path)}]`, `${path} was changed on both sides: ${why}`);
}
