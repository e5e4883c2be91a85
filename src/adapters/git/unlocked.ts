import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock.ts';
import { exists } from './folders.ts';
import type { RunFolder } from './run-folder.ts';

const LOOK_MS = 100;
const LOOKS = 100;

/**
 * A git of a worker that was killed may still write the index of a run, or have left its lock behind. Whoever holds the run
 * starts one git after another, so a lock that is there is not its own: it is waited for, ten seconds at most, and taken away.
 */
export async function unlocked({ git }: RunFolder, clock: Clock): Promise<void> {
  const lock = join(git, 'index.lock');
  for (let looks = 0; looks < LOOKS && (await exists(lock)); looks++) await clock.sleep(LOOK_MS);
  await rm(lock, { force: true });
}
