import { z } from 'zod';
import type { Landing } from '#domain/landing.ts';
import { isoTime } from '#kernel/iso-time.ts';
import { statement, type Statement, type Subject } from '../statement.ts';
import { LANDING, repoUri } from '../uris.ts';

/** How the branch moved: `tested.base` must equal `compareAndSwap.from`, `tested.tree` must equal `landed.tree`. */
export const landingSchema = z.object({
  repository: z.string(),
  branch: z.string(),
  change: z.object({ id: z.string(), base: z.string(), head: z.string() }),
  tested: z.object({ base: z.string(), tree: z.string() }),
  landed: z.object({ commit: z.string(), tree: z.string() }),
  compareAndSwap: z.object({ from: z.string(), to: z.string() }),
  landedAt: z.string(),
  landedBy: z.string(),
  approvedBy: z.array(z.string()),
});

export function landingStatement(subject: Subject, landing: Landing): Statement {
  const predicate: z.infer<typeof landingSchema> = {
    repository: repoUri(landing.repo),
    branch: landing.branch,
    change: { id: landing.change, base: landing.changeBase, head: landing.changeHead },
    tested: { base: landing.testedBase, tree: landing.testedTree },
    landed: { commit: landing.landedCommit, tree: landing.landedTree },
    compareAndSwap: { from: landing.movedFrom, to: landing.movedTo },
    landedAt: isoTime(landing.landedAt),
    landedBy: landing.landedBy,
    approvedBy: [...landing.approvedBy],
  };
  return statement({ subject: [subject], predicateType: LANDING, predicate });
}
