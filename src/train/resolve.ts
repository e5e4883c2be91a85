import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import { Lazy } from '#kernel/lazy.ts';
import type { LockConflict, ResolvedFile } from './landing.ts';
import type {
  Conflict,
  ConflictedFile,
  GitObjects,
  MergedPaths,
  MergedTree,
  MergeResolver,
  Resolution,
} from './ports.ts';
import { reason } from './reasons.ts';

/** What became of all files that conflict. */
export interface Resolved {
  /** Texts to write; of what is left, with markers. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly told: readonly ResolvedFile[];
  /** Lock files, which are made anew once all else is settled. */
  readonly locks: readonly LockConflict[];
  /** Why a person is needed; empty when nobody is. */
  readonly reasons: readonly Reason[];
}

/**
 * Asks the resolver about each file. What it settles by itself (tier `auto`) counts, and a proposal whose very text a
 * person has confirmed; everything else needs a person.
 */
export async function resolveConflicts(
  parts: { readonly objects: Pick<GitObjects, 'readBlobs' | 'paths'>; readonly resolver: MergeResolver },
  { repoDir, confirmed = [] }: { readonly repoDir: string; readonly confirmed?: readonly string[] },
  merged: MergedTree & { readonly kind: 'conflict' },
): Promise<Resolved> {
  const tree = pathsOf(parts.objects, repoDir, merged.tree);
  const files: { path: string; text: string }[] = [];
  const told: ResolvedFile[] = [];
  const locks: LockConflict[] = [];
  const reasons: Reason[] = [];
  for (const conflict of merged.files) {
    const { path } = conflict;
    const file = await readSides(parts.objects, repoDir, conflict);
    if (typeof file === 'string') {
      told.push({ path, rule: 'none', tier: 'leave', confidence: 0, reasons: [file] });
      reasons.push(conflictReason(path, file));
      continue;
    }
    const answer = await parts.resolver.resolve(file, tree);
    if (answer.isLockFile === true) {
      locks.push({ path, ...file.oids });
      continue;
    }
    files.push({ path, text: answer.text });
    told.push(tellingOf(path, answer));
    if (answer.status === 'conflict') {
      reasons.push(conflictReason(path, answer.reasons.join('; ') || 'the resolver found no answer'));
    } else if (answer.tier !== 'auto' && !isConfirmed(answer, confirmed)) {
      const { rule, confidence } = answer;
      reasons.push(proposalReason(path, `${answer.reasons.join('; ') || rule} (confidence ${confidence.toFixed(2)})`));
    }
  }
  return { files, told, locks, reasons };
}

function isConfirmed({ record }: Resolution, confirmed: readonly string[]): boolean {
  return record !== undefined && confirmed.includes(record.digests.merged);
}

function tellingOf(path: string, { rule, tier, confidence, reasons, record }: Resolution): ResolvedFile {
  const facts = record && { digests: record.digests, gates: record.gates };
  return { path, rule, tier, confidence, reasons, ...(facts ? { record: facts } : {}) };
}

/** The files of the merged tree, listed when first asked for. */
function pathsOf(objects: Pick<GitObjects, 'paths'>, repoDir: string, tree: GitOid): MergedPaths {
  const listed = new Lazy(() => objects.paths(repoDir, tree));
  return { has: async (path) => (await listed.get()).has(path) };
}

interface Sides extends ConflictedFile {
  readonly oids: { readonly base: GitOid; readonly ours: GitOid; readonly theirs: GitOid };
}

/** The three texts, or why there are not three. */
async function readSides(
  objects: Pick<GitObjects, 'readBlobs'>,
  repoDir: string,
  conflict: Conflict,
): Promise<Sides | string> {
  const { path, base, ours, theirs } = conflict;
  if (!conflict.contentOnly || base === null || ours === null || theirs === null) {
    return 'the file was added, deleted, renamed or changed in kind on both sides';
  }
  const oids = { base: base.oid, ours: ours.oid, theirs: theirs.oid };
  const blobs = await objects.readBlobs(repoDir, Object.values(oids));
  const [b, o, t] = [oids.base, oids.ours, oids.theirs].map((oid) => blobs.get(oid)?.text ?? null);
  if (typeof b !== 'string' || typeof o !== 'string' || typeof t !== 'string')
    return 'the file is not text, or too large';
  return { path, base: b, ours: o, theirs: t, oids };
}

function conflictReason(path: string, why: string): Reason {
  return reason('MERGE_CONFLICT', fieldOf(path), `${path} was changed on both sides: ${why}`);
}

/** Why a merge is only a proposal. */
export function proposalReason(path: string, why: string): Reason {
  return reason('MERGE_PROPOSED', fieldOf(path), `${path} was changed on both sides, a merge is proposed: ${why}`);
}

/** Where the reasons about one file point. */
export function fieldOf(path: string): string {
  return `change.files[${JSON.stringify(path)}]`;
}
