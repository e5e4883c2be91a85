import { sha256 } from '#kernel/digest.ts';
import type { Reason } from '#domain/reason.ts';
import { candidateOf, type Prepared, unsettled } from './candidate.ts';
import type { Draft, LandingJob, LandParts, LockConflict, ResolvedFile } from './landing.ts';
import { newPins } from './lock-pins.ts';
import type { MergeFacts } from './ports.ts';
import { reason } from './reasons.ts';
import { fieldOf, proposalReason } from './resolve.ts';

/**
 * Durable step: has the package manager make each lock file anew from the merged manifests. One that pins nothing but
 * what either side pinned lands by itself; one that brings in anything else is a proposal, since nobody has looked at it.
 */
export async function remakeLocks(
  parts: LandParts,
  job: LandingJob,
  draft: Draft,
  signal: AbortSignal,
): Promise<Prepared> {
  const files: { path: string; text: string }[] = [];
  const resolved = [...draft.resolved];
  const reasons: Reason[] = [];
  for (const lock of draft.locks) {
    const made = await remake(parts, job, draft, lock, signal);
    resolved.push(made.told);
    if (made.text !== undefined) files.push({ path: lock.path, text: made.text });
    if (made.reason) reasons.push(made.reason);
  }
  const tree = await parts.objects.writeFiles(job.repoDir, draft.tree, files);
  const { base, onTopOf } = draft;
  if (reasons.length > 0) return unsettled(parts, job, { base, tree, files: resolved, reasons });
  return candidateOf(parts, job, { base, onTopOf, tree, how: 'resolved', resolved });
}

interface Remade {
  readonly told: ResolvedFile;
  readonly text?: string;
  readonly reason?: Reason;
}

async function remake(
  { objects, locks }: LandParts,
  { change, repoDir, confirmed = [] }: LandingJob,
  { tree }: Draft,
  { path, ...oids }: LockConflict,
  signal: AbortSignal,
): Promise<Remade> {
  const blobs = await objects.readBlobs(repoDir, Object.values(oids));
  const [base = '', ours = '', theirs = ''] = [oids.base, oids.ours, oids.theirs].map(
    (oid) => blobs.get(oid)?.text ?? '',
  );
  const made = await locks.remake({ repo: change.repo, tree, path, ours }, signal);
  if (made.kind === 'cannot') {
    const msg = `${path} was changed on both sides and could not be made anew: ${made.why}`;
    const told: ResolvedFile = { path, rule: 'lock-file', tier: 'leave', confidence: 0, reasons: [msg] };
    return { told, reason: reason('LOCK_NOT_REMADE', fieldOf(path), msg) };
  }
  const { text, command } = made;
  const added = newPins(text, [ours, theirs]);
  const digests = { base: sha256(base), ours: sha256(ours), theirs: sha256(theirs), merged: sha256(text) };
  const record: MergeFacts = {
    digests,
    gates: [
      { gate: 'made by the package manager', ok: true, detail: command },
      { gate: 'nothing that neither side had', ok: added.length === 0, detail: added.slice(0, 3).join(', ') },
    ],
  };
  const isSure = added.length === 0;
  const why = isSure ? `made anew by \`${command}\`` : `\`${command}\` brings in what neither side had: ${added[0]}`;
  const tier = isSure ? 'auto' : 'suggest';
  const told: ResolvedFile = { path, rule: 'lock-file', tier, confidence: isSure ? 1 : 0, reasons: [why], record };
  if (isSure || confirmed.includes(digests.merged)) return { told, text };
  return { told, text, reason: proposalReason(path, why) };
}
