import { readEvents } from '#adapters/sql/index.ts';
import type { Event } from '#domain/event.ts';
import type { PluginIdentity } from '#domain/plugin-identity.ts';
import type { PluginUse } from '#evidence/index.ts';
import type { Road } from '../road.ts';

const MOST_CALLS = 100_000;

/** Every plugin of a run's task as the record tells it, in order of first use; one entry for each exact identity. */
export async function pluginUses({ house, task }: Pick<Road, 'house' | 'task'>): Promise<readonly PluginUse[]> {
  const filter = { task: task.id, type: 'plugin.called', limit: MOST_CALLS } as const;
  const events = await readEvents(house.store.truth, task.tenant, filter);
  const byIdentity = Map.groupBy(events, ({ data }) => JSON.stringify(data['identity']));
  return Promise.all(
    [...byIdentity].map(async ([text, calls]) => {
      // The cast is true: `callPlugin` wrote it.
      const identity = JSON.parse(text) as PluginIdentity;
      const sbom = await house.plugins.sbom(identity.digests.sbom).catch(() => null);
      return { ...identity, sbom, calls: calls.length, ...outcomeOf(calls) };
    }),
  );
}

function outcomeOf(calls: readonly Event[]): Pick<PluginUse, 'failures' | 'edited'> {
  const failures: { [code: string]: number } = {};
  const edited = new Set<string>();
  for (const { data } of calls) {
    const code = data['code'];
    if (typeof code === 'string') failures[code] = (failures[code] ?? 0) + 1;
    // The cast is true: `callPlugin` wrote it.
    for (const path of (data['edited'] ?? []) as readonly string[]) edited.add(path);
  }
  return { failures, edited: [...edited].sort() };
}
