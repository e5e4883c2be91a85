import type { Random } from '#kernel/random.ts';
import type { Tx } from '#kernel/sql.ts';
import type { EvidenceBook } from '../book.ts';
import type { AuditStore, NewAuditLink } from '../ports.ts';
import { auditSegmentStatement, SEGMENT, segmentDossier } from '../predicates/audit-segment.ts';
import { GENESIS, linkAfter } from './link.ts';

/** Events that one call links at most. */
const MOST = 2000;

/**
 * Links the events that no link covers yet to the chain and has the last hash signed and logged, in the caller's
 * transaction. Gives their number: 0 when there are none, `MOST` when there may be more. Many processes may do so at once.
 */
export async function sealEvents(
  tx: Tx,
  parts: { readonly store: AuditStore; readonly book: EvidenceBook; readonly random: Random },
): Promise<number> {
  const { store, book, random } = parts;
  await book.log.lock(tx); // first, so that looking and linking are one step among many processes
  const last = await store.last(tx);
  const events = await store.events(tx, last?.seq ?? 0, MOST);
  const links: NewAuditLink[] = [];
  for (const event of events) {
    const previous = links.at(-1)?.hash ?? last?.hash ?? GENESIS;
    const salt = Buffer.from(random.bytes(16)).toString('hex');
    links.push({ ...linkAfter(previous, event, salt), tenant: event.tenant });
  }
  const [first, end] = [links[0], links.at(-1)];
  if (first === undefined || end === undefined) return 0;
  await store.put(tx, links);
  const { task } = segmentDossier(0);
  const dossier = segmentDossier((await book.lastAttempt(tx, task)) + 1);
  const segment = { from: first.seq, to: end.seq, events: links.length, hash: end.hash };
  await book.record(tx, { dossier, name: SEGMENT, statement: auditSegmentStatement(segment) });
  return links.length;
}
