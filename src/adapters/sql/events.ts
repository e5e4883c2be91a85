import type { Event, EventType, NewEvent } from '#domain/event.ts';
import type { PrincipalId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { conditions, type Terms } from './conditions.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly type: EventType;
  readonly version: Event['version'];
  readonly at: Millis;
  readonly task: TaskId | null;
  readonly run: RunId | null;
  readonly principal: PrincipalId;
  readonly data: string;
};

const COLUMNS = 'tenant, type, version, at, task, run, principal, data';

function eventOf(row: Row): Event {
  const { seq, tenant, type, version, at, task, run, principal } = row;
  const event = { seq, type, version, at, tenant, by: principal, data: fromJson<Event['data']>(row.data) };
  return { ...event, ...(task === null ? {} : { task }), ...(run === null ? {} : { run }) };
}

/** Appends inside the caller's transaction. Whoever reads up to a number has seen all that have lower ones. */
export async function appendEvent(tx: Tx, at: Millis, event: NewEvent): Promise<Event> {
  const [row] = await tx.all<Row>(
    `insert into event (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8) returning seq, ${COLUMNS}`,
    event.tenant,
    event.type,
    1,
    at,
    event.task ?? null,
    event.run ?? null,
    event.by,
    // What is left of a tenant has to be readable without its key.
    event.type === 'tenant.erased' ? toJson(event.data) : sealed(event.tenant, toJson(event.data)),
  );
  if (row === undefined) throw new Error('an event was inserted and did not come back');
  return eventOf(row);
}

export interface EventFilter {
  readonly task?: TaskId;
  readonly type?: EventType;
  /** Only events with a greater number: the last one that the caller has seen. */
  readonly after?: number;
  /** Only what happened at this time or later. */
  readonly since?: Millis;
  readonly limit: number;
}

/** One tenant's events in the order of their numbers. */
export async function readEvents(tx: Tx, tenant: TenantId, filter: EventFilter): Promise<Event[]> {
  return read(tx, { 'tenant =': tenant }, filter);
}

/** All events of these types about these tasks of one tenant, in the order of their numbers; `since`: no older ones. */
export async function readEventsOf(
  tx: Tx,
  tenant: TenantId,
  of: { readonly tasks: readonly TaskId[]; readonly types: readonly EventType[]; readonly since?: Millis },
): Promise<Event[]> {
  if (of.tasks.length === 0) return [];
  const tasks = of.tasks.map((_, index) => `$${index + 2}`).join(', ');
  const types = of.types.map((_, index) => `$${index + 2 + of.tasks.length}`).join(', ');
  const since = `$${2 + of.tasks.length + of.types.length}`;
  const query = `select seq, ${COLUMNS} from event
    where tenant = $1 and task in (${tasks}) and type in (${types}) and at >= ${since} order by seq`;
  return (await tx.all<Row>(query, tenant, ...of.tasks, ...of.types, of.since ?? 0)).map(eventOf);
}

/** The events of every tenant, for the platform's own pages and figures. */
export async function readAllEvents(tx: Tx, filter: EventFilter): Promise<Event[]> {
  return read(tx, {}, filter);
}

async function read(tx: Tx, scope: Terms, filter: EventFilter): Promise<Event[]> {
  const { task, type, after, since, limit } = filter;
  const { text, values } = conditions({ ...scope, 'task =': task, 'type =': type, 'seq >': after, 'at >=': since });
  const query = `select seq, ${COLUMNS} from event where ${text} order by seq limit $${values.length + 1}`;
  return (await tx.all<Row>(query, ...values, limit)).map(eventOf);
}
