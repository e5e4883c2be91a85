import { formatDuration } from '#kernel/duration.ts';
import { appendEvent, readEvents } from '#adapters/sql/index.ts';
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

/** Reminds once for each full interval that a change has waited; the event stream and webhooks carry it to people. */
export async function remind(house: House): Promise<void> {
  const changes = await house.forge.list({ states: ['needs_human'] });
  for (const change of changes) {
    const due = Math.floor((house.clock.now() - change.openedAt) / house.remindEveryMs);
    if (due === 0) continue;
    await house.store.truth.tx(async (tx) => {
      const filter = { task: change.task, type: 'change.reminded', limit: due + 1 } as const;
      const sent = (await readEvents(tx, change.tenant, filter)).filter(({ data }) => data.change === change.id).length;
      if (sent >= due) return;
      const waited = formatDuration(house.clock.now() - change.openedAt);
      const data = { change: change.id, waited, asks: change.asks };
      const about = { tenant: change.tenant, task: change.task, by: house.system };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'change.reminded', data });
    });
  }
}
