import { auditStore, findDecision, readAllEvents, readEvents } from '#adapters/sql/index.ts';
import type { Json } from '#kernel/json.ts';
import type { Millis } from '#kernel/clock.ts';
import { isoTime } from '#kernel/iso-time.ts';
import type { Event, EventType } from '#domain/event.ts';
import type { DecisionId, TaskId, TenantId } from '#domain/ids.ts';
import { auditEvents, type EventAudit, prunedSoFar } from '#evidence/index.ts';
import { CheckedCount, type PolicyChecked } from '#policy/index.ts';
import type { House } from '../house.ts';
import { decisionDocument } from './policy-desk.ts';

const PAGE = 1000;

/** What is looked for; each condition narrows. */
export interface AuditSearch {
  readonly tenant?: TenantId;
  readonly task?: TaskId;
  readonly type?: EventType;
  /** Principal who did it. */
  readonly by?: string;
  readonly since?: Millis;
  readonly until?: Millis;
  /** Text that the data contains, upper or lower case. */
  readonly text?: string;
  /** Only events with a greater number. */
  readonly after?: number;
}

/** One audit row: the event, and the whole decision where it tells of one. */
export type AuditRow = {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly tenant: string;
  readonly type: EventType;
  readonly by: string;
  readonly task: string | null;
  readonly run: string | null;
  readonly data: { readonly [name: string]: Json };
  readonly decision: { readonly [name: string]: Json } | null;
};

/** The audit rows that fit, oldest first, read page by page so that any number may be exported. */
export async function* auditRows(house: House, search: AuditSearch): AsyncGenerator<AuditRow> {
  for await (const event of found(house, search)) yield rowOf(house, event);
}

/** How many of the effects on record an allowing decision of policy came before. */
export async function policyChecked(house: House, tenant?: TenantId): Promise<PolicyChecked> {
  const pruned = await house.store.truth.tx((tx) => prunedSoFar(tx, house.evidence));
  const count = new CheckedCount(pruned === undefined);
  for await (const event of found(house, tenant === undefined ? {} : { tenant })) count.note(event);
  return count.result();
}

async function* found(house: House, search: AuditSearch): AsyncGenerator<Event> {
  const { truth } = house.store;
  const { tenant, task, type } = search;
  const filter = { ...(task === undefined ? {} : { task }), ...(type === undefined ? {} : { type }), limit: PAGE };
  for (let after = search.after ?? 0; ;) {
    const asked = { ...filter, after };
    const page = await (tenant === undefined ? readAllEvents(truth, asked) : readEvents(truth, tenant, asked));
    for (const event of page) if (fits(event, search)) yield event;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
  }
}

function fits({ at, by, data }: Event, search: AuditSearch): boolean {
  const { since, until, text } = search;
  if (since !== undefined && at < since) return false;
  if (until !== undefined && at >= until) return false;
  if (search.by !== undefined && by !== search.by) return false;
  return text === undefined || JSON.stringify(data).toLowerCase().includes(text.toLowerCase());
}

async function rowOf(house: House, event: Event): Promise<AuditRow> {
  const { seq, at, tenant, type, by, task, run, data } = event;
  const id = data['decision'];
  // The cast is true as a question: an id that no decision has finds nothing.
  const decision = typeof id === 'string' ? await findDecision(house.store.truth, tenant, id as DecisionId) : undefined;
  return {
    seq,
    time: isoTime(at),
    tenant,
    type,
    by,
    task: task ?? null,
    run: run ?? null,
    data,
    decision: decision === undefined ? null : decisionDocument(decision),
  };
}

/** Computes the audit chain anew over every event and decision. */
export async function verifyAudit(house: House): Promise<EventAudit> {
  return auditEvents(house.store.truth, { store: auditStore, book: house.evidence });
}
