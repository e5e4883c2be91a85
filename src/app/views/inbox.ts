import { type Millis, millis } from '#kernel/clock.ts';
import { formatDuration } from '#kernel/duration.ts';
import type { Tx } from '#kernel/sql.ts';
import { appendEvent, readEventsOf } from '#adapters/sql/index.ts';
import type { Change } from '#domain/change.ts';
import type { House } from '../house.ts';
import type { InboxItem } from './status.ts';

/** Changes that wait for a person, longest first. */
export async function inbox(house: House, tenant?: Change['tenant']): Promise<readonly InboxItem[]> {
  const states = ['needs_human'] as const;
  const changes = await house.forge.list({ states, ...(tenant === undefined ? {} : { tenant }) });
  const now = house.clock.now();
  return changes
    .map((change) => ({
      change: change.id,
      tenant: change.tenant,
      title: change.title,
      ageMs: now - change.openedAt,
      asks: change.asks,
    }))
    .sort((a, b) => b.ageMs - a.ageMs);
}

/** Reminds once in each full interval that a change has waited; the event stream and webhooks carry it to people. */
export async function remind(house: House): Promise<void> {
  const { truth } = house.store;
  for (const change of await house.forge.list({ states: ['needs_human'] })) {
    const waited = house.clock.now() - change.openedAt;
    const intervals = Math.floor(waited / house.remindEveryMs);
    if (intervals === 0) continue;
    const since = millis(change.openedAt + intervals * house.remindEveryMs);
    if (await isReminded(truth, change, since)) continue;
    await truth.tx(async (tx) => {
      if (await isReminded(tx, change, since)) return; // another process was first
      const data = { change: change.id, waited: formatDuration(waited), asks: change.asks };
      const about = { tenant: change.tenant, task: change.task, by: house.system };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'change.reminded', data });
    });
  }
}

/** Earlier changes of its task may have been reminded of as well. */
async function isReminded(tx: Tx, { id, tenant, task }: Change, since: Millis): Promise<boolean> {
  const reminders = await readEventsOf(tx, tenant, { tasks: [task], types: ['change.reminded'], since });
  return reminders.some(({ data }) => data['change'] === id);
}
