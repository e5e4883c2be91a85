import { z } from 'zod';
import type { TaskId } from '#domain/ids.ts';
import type { Dossier } from '../ports.ts';
import { statement, type Statement } from '../statement.ts';
import { AUDIT_SEGMENT } from '../uris.ts';

/** A stretch of the chain over the events: `hash` is that of its last link and so stands for all before it too. */
export const auditSegmentSchema = z.object({
  from: z.number(),
  to: z.number(),
  events: z.number(),
  hash: z.string(),
});
export type AuditSegment = z.infer<typeof auditSegmentSchema>;

export const SEGMENT = 'audit-segment';

/** The dossier that holds the segments, one attempt each, from 1. */
export function segmentDossier(number: number): Dossier {
  // The cast is true: no task has this id, since those of tasks begin with `task`.
  return { task: 'audit' as TaskId, attempt: number };
}

export function auditSegmentStatement(segment: AuditSegment): Statement {
  const subject = { name: `audit:${segment.from}-${segment.to}`, digest: { sha256: segment.hash } };
  return statement({ subject: [subject], predicateType: AUDIT_SEGMENT, predicate: { ...segment } });
}
