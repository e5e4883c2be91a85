import { millis } from '#kernel/clock.ts';
import { wasClosed } from '#adapters/sql/index.ts';
import type { House } from '../house.ts';

// A run's own worker removes its folder right after the run was closed, and not so much later.
const CLOSED_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;

/**
 * Removes what killed workers left in the data directory: workspaces and checkpoints of runs that are closed on record, and
 * files of tests and builds that nothing can be working on any more. What a run that is open or not on record has, stays.
 */
export async function cleanWork(house: House): Promise<void> {
  const { store, clock, limits, log, workspaces } = house;
  const now = clock.now();
  let runs = 0;
  for (const run of await workspaces.list()) {
    if (!(await wasClosed(store.truth, run, millis(now - CLOSED_MS)))) continue;
    try {
      await workspaces.remove(run);
      runs += 1;
    } catch (error) {
      log.log('warn', 'the folder of a closed run was not removed', { run, error: String(error) });
    }
  }
  // No program runs longer than its limit; a day is more than what else is done with a tree.
  const trees = await house.sweepTrees(millis(now - DAY_MS - limits.wallMs));
  if (runs + trees > 0) log.log('info', 'what killed workers left was removed', { runs, trees });
}
