import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import type { EvidenceBook } from '../book.ts';
import { readBundle } from '../bundle.ts';
import type { AuditStore } from '../ports.ts';
import {
  type AuditPruned,
  auditPrunedSchema,
  auditPrunedStatement,
  PRUNED,
  prunedDossier,
} from '../predicates/audit-pruned.ts';
import type { AuditSegment } from '../predicates/audit-segment.ts';
import { readStatement } from '../statement.ts';
import { segmentsOf } from './segments.ts';

/** What the chain no longer holds, as it was signed last; undefined when it is whole. */
export async function prunedSoFar(tx: Tx, book: EvidenceBook): Promise<AuditPruned | undefined> {
  const last = await book.lastAttempt(tx, prunedDossier(0).task);
  if (last === 0) return undefined;
  const [stored] = await book.statements(tx, prunedDossier(last));
  const payload = stored && readBundle(stored.bundle)?.payload;
  const read = auditPrunedSchema.safeParse(payload && readStatement(payload)?.predicate);
  return read.success ? read.data : undefined;
}

/**
 * Drops what is older from the beginning of the chain, with the decisions that it tells of, and has it signed and logged up
 * to where: the rest verifies as before, and nobody can drop more. It drops whole signed stretches, and stops before the first
 * event of a task that has not ended. Gives what is gone now; undefined when there was nothing to drop.
 */
export async function pruneEvents(
  tx: Tx,
  parts: { readonly store: AuditStore; readonly book: EvidenceBook },
  before: Millis,
): Promise<AuditPruned | undefined> {
  const { store, book } = parts;
  await book.log.lock(tx); // first, so that many processes do it one after another
  const earlier = await prunedSoFar(tx, book);
  const held = (await store.firstHeld(tx)) ?? Number.POSITIVE_INFINITY;
  const segments = (await segmentsOf(tx, book)).filter(({ to }) => to > (earlier?.to ?? 0) && to < held);
  const last = await lastBefore(tx, store, segments, before);
  if (last === undefined) return undefined;
  const { events, erased } = await store.drop(tx, last.to);
  const pruned = {
    to: last.to,
    hash: last.hash,
    events: events + (earlier?.events ?? 0),
    erased: [...(earlier?.erased ?? []), ...erased],
  };
  const dossier = prunedDossier((await book.lastAttempt(tx, prunedDossier(0).task)) + 1);
  await book.record(tx, { dossier, name: PRUNED, statement: auditPrunedStatement(pruned) });
  return pruned;
}

/** The last stretch that ends before the time: times rise with the numbers, so half of them are looked at no further each time. */
async function lastBefore(
  tx: Tx,
  store: AuditStore,
  segments: readonly AuditSegment[],
  before: Millis,
): Promise<AuditSegment | undefined> {
  const sorted = segments.toSorted((a, b) => a.to - b.to);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await store.timeOf(tx, sorted[middle]?.to ?? 0);
    if (at !== undefined && at < before) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
