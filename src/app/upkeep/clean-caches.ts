import { millis } from '#kernel/clock.ts';
import { resultsInOpenRuns } from '#adapters/sql/index.ts';
import type { House } from '../house.ts';

/**
 * Removes environments and test results that nobody has used for as long as they are kept. What an open run has been
 * given stays, however long it has been waiting.
 */
export async function cleanCaches(house: House): Promise<void> {
  const { store, clock, caches, log } = house;
  const now = clock.now();
  const before = millis(now - caches.keepMs);
  const given = await resultsInOpenRuns(store.truth, 'environment');
  const equipped = await resultsInOpenRuns(store.truth, 'land.equip.%');
  const inUse = new Set([...given, ...equipped].flatMap(environmentKeys));
  const { gone: environments, faults } = await caches.evictEnvironments({ before, now, inUse });
  for (const error of faults) log.log('warn', 'an unused environment was not removed', { error });
  const results = await caches.evictResults(before);
  if (environments + results > 0) log.log('info', 'unused caches were removed', { environments, results });
}

/** The keys that a recorded step names, whatever its shape was when it was recorded. */
function environmentKeys(result: string): readonly string[] {
  return [...result.matchAll(/"key":"([0-9a-f]{64})"/g)].map(([, key = '']) => key);
}
