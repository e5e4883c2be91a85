import type { Tx } from '#kernel/sql.ts';
import type { EvidenceBook } from '../book.ts';
import { readBundle } from '../bundle.ts';
import { type AuditSegment, auditSegmentSchema, segmentDossier } from '../predicates/audit-segment.ts';
import { readStatement } from '../statement.ts';

/** Every signed stretch of the chain, in order. */
export async function segmentsOf(tx: Tx, book: EvidenceBook): Promise<readonly AuditSegment[]> {
  const segments: AuditSegment[] = [];
  const { task } = segmentDossier(0);
  const last = await book.lastAttempt(tx, task);
  for (let number = 1; number <= last; number++) {
    for (const { bundle } of await book.statements(tx, segmentDossier(number))) {
      const payload = readBundle(bundle)?.payload;
      const read = auditSegmentSchema.safeParse(payload && readStatement(payload)?.predicate);
      if (read.success) segments.push(read.data);
    }
  }
  return segments;
}
