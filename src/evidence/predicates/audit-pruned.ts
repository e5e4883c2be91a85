import { z } from 'zod';
import type { TaskId } from '#domain/ids.ts';
import type { Dossier } from '../ports.ts';
import { statement, type Statement } from '../statement.ts';
import { AUDIT_PRUNED } from '../uris.ts';

/** What was dropped from the beginning of the chain: all up to the event `to`, whose link has this hash. */
export const auditPrunedSchema = z.object({
  to: z.number(),
  hash: z.string(),
  /** Number of events that were dropped, ever. */
  events: z.number(),
  /** Tenants whose erasure is told of by a dropped event, with the leaves of the log that it emptied. */
  erased: z.array(z.object({ tenant: z.string(), leaves: z.array(z.number()) })),
});
export type AuditPruned = z.infer<typeof auditPrunedSchema>;

export const PRUNED = 'audit-pruned';

/** The dossier that holds these statements, one attempt each, from 1; the last one counts. */
export function prunedDossier(number: number): Dossier {
  // The cast is true: no task has this id, since those of tasks begin with `task`.
  return { task: 'audit-pruned' as TaskId, attempt: number };
}

export function auditPrunedStatement(pruned: AuditPruned): Statement {
  const subject = { name: `audit:1-${pruned.to}`, digest: { sha256: pruned.hash } };
  return statement({ subject: [subject], predicateType: AUDIT_PRUNED, predicate: { ...pruned } });
}
