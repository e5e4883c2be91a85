import { writeTextFile } from '#adapters/files/index.ts';
import type { Change } from '#domain/change.ts';
import { type ReportedMerge, reportPage } from '#merge/index.ts';
import type { ConflictSide } from '#train/ports.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { type LastMerge, lastMerge } from '../tenants/merges.ts';

/**
 * Writes an HTML page of the last merge of a change that met conflicts, landed or waiting for a person: rule, confidence,
 * gates, digests, and the sides beside the result. Throws CHANGE_NOT_MERGED when there was none.
 */
export async function writeMergePage(house: House, change: Change, path: string): Promise<void> {
  const merge = await lastMerge(house, change);
  if (merge === undefined) throw new AppError('CHANGE_NOT_MERGED', `change ${change.id} has met no conflict so far`);
  await writeTextFile(path, reportPage(await reported(house, change, merge)));
}

async function reported(house: House, change: Change, merge: LastMerge): Promise<readonly ReportedMerge[]> {
  const { objects } = house;
  const repoDir = house.repoDir(change.repo);
  const together = await objects.mergeTree(repoDir, { ours: merge.base, theirs: merge.head });
  const conflicts = together.kind === 'conflict' ? together.files : [];
  const text = async (at: ConflictSide | null | undefined): Promise<string | undefined> =>
    at ? ((await objects.readBlobs(repoDir, [at.oid])).get(at.oid)?.text ?? undefined) : undefined;
  return Promise.all(
    merge.files.map(async ({ record, ...told }): Promise<ReportedMerge> => {
      const facts = { ...told, ...record };
      const { path } = told;
      const sides = conflicts.find((conflict) => conflict.path === path);
      const [base, ours, theirs] = [await text(sides?.base), await text(sides?.ours), await text(sides?.theirs)];
      const merged = (await objects.readFile(repoDir, merge.commit, path))?.text ?? undefined;
      if (base === undefined || ours === undefined || theirs === undefined || merged === undefined) return { facts };
      return { facts, texts: { file: { path, base, ours, theirs }, merged } };
    }),
  );
}
