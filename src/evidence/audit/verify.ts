import type { Sql, Tx } from '#kernel/sql.ts';
import type { Event } from '#domain/event.ts';
import type { EvidenceBook } from '../book.ts';
import type { AuditLink, AuditStore } from '../ports.ts';
import type { AuditPruned } from '../predicates/audit-pruned.ts';
import type { AuditSegment } from '../predicates/audit-segment.ts';
import { contentOf, GENESIS, hashOf } from './link.ts';
import { prunedSoFar } from './prune.ts';
import { segmentsOf } from './segments.ts';

const PAGE = 1000;
/** Of decisions that were told of before events carried digests. */
const UNKNOWN = '';

/** What can be wrong with the audit rows, each with what it means. */
export const AUDIT_FAILURES = Object.freeze({
  EVENT_MISSING: 'The chain holds an event that is not there',
  EVENT_EDITED:
    'The event is not what its link says: it or the link was changed, or one before it was removed or moved',
  EVENT_INSERTED: 'An event stands between others without a link: it was added later',
  EVENT_ERASED: 'The data of the event was removed, though no tenant was erased',
  SEGMENT_MISMATCH: 'The signed hash of a stretch of events is not that of the events that are there',
  DECISION_EDITED: 'The decision is not the one that its event tells of',
  DECISION_MISSING: 'An event tells of a decision that is not there',
  DECISION_UNTOLD: 'A decision is on record that no event tells of',
} as const satisfies { readonly [code: string]: string });

export interface AuditFailure {
  readonly code: keyof typeof AUDIT_FAILURES;
  /** Number of the event; 0 where there is none. */
  readonly seq: number;
  /** What exactly: an id, or what the code means. */
  readonly why: string;
}

export interface EventAudit {
  readonly ok: boolean;
  /** Events that a link covers. */
  readonly events: number;
  /** Events that were dropped when they were older than they are kept; their end is signed. */
  readonly pruned: number;
  /** Events written after the last link was made. */
  readonly open: number;
  /** Hash of the last link. */
  readonly hash: string;
  readonly failures: readonly AuditFailure[];
}

/** Reads every event, link and decision and computes the chain anew, O(n), in one transaction. Stops at the first broken link. */
export async function auditEvents(sql: Sql, parts: { store: AuditStore; book: EvidenceBook }): Promise<EventAudit> {
  return sql.tx(async (tx) => {
    const walk = new Walk(await segmentsOf(tx, parts.book), await prunedSoFar(tx, parts.book));
    await walk.chain(tx, parts.store);
    await walk.decisions(tx, parts.store);
    return walk.result();
  });
}

function taken(events: Map<number, Event>, seq: number): Event | undefined {
  const event = events.get(seq);
  events.delete(seq);
  return event;
}

class Walk {
  #hash = GENESIS;
  #seq = 0;
  #events = 0;
  #pruned = 0;
  #open = 0;
  readonly #signed: Map<number, string>;
  readonly #failures: AuditFailure[] = [];
  readonly #erased = new Set<string>();
  /** Decisions that events tell of: id, and digest. */
  readonly #told = new Map<string, string>();
  /** Events without data, and their tenants. */
  readonly #empty: { readonly seq: number; readonly tenant: string }[] = [];

  constructor(segments: readonly AuditSegment[], pruned: AuditPruned | undefined) {
    const begun = segments.filter(({ to }) => to > (pruned?.to ?? 0));
    this.#signed = new Map(begun.map(({ to, hash }) => [to, hash]));
    if (pruned === undefined) return;
    this.#hash = pruned.hash;
    this.#seq = pruned.to;
    this.#pruned = pruned.events;
    for (const { tenant } of pruned.erased) this.#erased.add(tenant);
    const end = segments.find(({ to }) => to === pruned.to);
    if (end?.hash !== pruned.hash) this.#fail('SEGMENT_MISMATCH', pruned.to);
  }

  async chain(tx: Tx, store: AuditStore): Promise<void> {
    const [first] = await store.events(tx, 0, 1);
    if (first !== undefined && first.seq <= this.#seq) this.#fail('EVENT_INSERTED', first.seq);
    for (;;) {
      const links = await store.links(tx, this.#seq, PAGE);
      if (links.length === 0) break;
      const events = await this.#eventsUpTo(tx, store, links.at(-1)?.seq ?? 0);
      if (!links.every((link) => this.#link(link, taken(events, link.seq)))) return;
      for (const event of events.values()) this.#fail('EVENT_INSERTED', event.seq);
    }
    for (const to of this.#signed.keys()) this.#fail('SEGMENT_MISMATCH', to);
    for (const { seq, tenant } of this.#empty) if (!this.#erased.has(tenant)) this.#fail('EVENT_ERASED', seq);
    await this.#rest(tx, store);
  }

  async decisions(tx: Tx, store: AuditStore): Promise<void> {
    const broken = this.#failures.length > 0;
    for (const { id, tenant, digest } of await store.decisions(tx)) {
      if (this.#erased.has(tenant)) continue;
      const told = this.#told.get(id);
      this.#told.delete(id);
      if (told === undefined && !broken) this.#fail('DECISION_UNTOLD', 0, id);
      if (told !== undefined && told !== UNKNOWN && told !== digest) this.#fail('DECISION_EDITED', 0, id);
    }
    for (const id of this.#told.keys()) this.#fail('DECISION_MISSING', 0, id);
  }

  result(): EventAudit {
    const failures = this.#failures;
    const [events, pruned, open, hash] = [this.#events, this.#pruned, this.#open, this.#hash];
    return { ok: failures.length === 0, events, pruned, open, hash, failures };
  }

  async #eventsUpTo(tx: Tx, store: AuditStore, to: number): Promise<Map<number, Event>> {
    const events = new Map<number, Event>();
    for (let after = this.#seq; after < to;) {
      const page = await store.events(tx, after, PAGE);
      for (const event of page) if (event.seq <= to) events.set(event.seq, event);
      after = page.at(-1)?.seq ?? to;
    }
    return events;
  }

  /** Takes one link and removes its event from those that are left; false where the chain is broken. */
  #link({ seq, content, salt, hash }: AuditLink, event: Event | undefined): boolean {
    this.#seq = seq;
    if (event === undefined) return this.#fail('EVENT_MISSING', seq);
    const own = salt === undefined ? content : contentOf(event, salt);
    if (own !== content || hashOf(this.#hash, event, content) !== hash) return this.#fail('EVENT_EDITED', seq);
    if (salt === undefined) this.#empty.push({ seq, tenant: event.tenant });
    this.#hash = hash;
    this.#events++;
    this.#note(event);
    const signed = this.#signed.get(seq);
    this.#signed.delete(seq);
    return signed === undefined || signed === hash || this.#fail('SEGMENT_MISMATCH', seq);
  }

  async #rest(tx: Tx, store: AuditStore): Promise<void> {
    for (let after = this.#seq; ;) {
      const page = await store.events(tx, after, PAGE);
      for (const event of page) this.#note(event);
      this.#open += page.length;
      if (page.length < PAGE) return;
      after = page.at(-1)?.seq ?? after;
    }
  }

  #note({ type, tenant, data }: Event): void {
    if (type === 'tenant.erased') this.#erased.add(tenant);
    const { decision, digest } = data;
    if (type === 'policy.decided' && typeof decision === 'string') {
      this.#told.set(decision, typeof digest === 'string' ? digest : UNKNOWN);
    }
  }

  #fail(code: AuditFailure['code'], seq: number, what = ''): false {
    this.#failures.push({ code, seq, why: what === '' ? AUDIT_FAILURES[code] : `${what}: ${AUDIT_FAILURES[code]}` });
    return false;
  }
}
