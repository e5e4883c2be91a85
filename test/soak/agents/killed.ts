import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Place } from '../../agents/place.ts';
import { callsOf } from './agreement.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** True once the agent of a run has written the file into its workspace. */
export function written(place: Place, file: string): boolean {
  const runs = join(place.data, 'work/runs');
  return existsSync(runs) && readdirSync(runs).some((run) => existsSync(join(runs, run, 'files', file)));
}

/**
 * Has a worker do the task that is queued, kills it with everything that it started `afterMs` after `ready`, and has
 * another worker do the rest. The gateway is a process of its own and lives. Gives the calls that were on record at the kill.
 */
export async function killed(place: Place, ready: () => boolean, afterMs: number): Promise<number> {
  const gateway = await place.start(['gateway', 'serve', '--port', '0']);
  const env = { MAESTRO_GATEWAY_URL: gateway.url };
  const { child } = await place.start(['worker'], env);
  const until = Date.now() + 60_000;
  while (!ready()) {
    if (Date.now() > until) throw new Error('the moment to kill the worker did not come');
    await pause(50);
  }
  await pause(afterMs);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const before = callsOf(place);
  const second = await place.work(env);
  expect(second.code).toBe(0);
  return before;
}
