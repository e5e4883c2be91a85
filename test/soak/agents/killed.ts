import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Place } from '../../agents/place.ts';
import { callsOf } from './agreement.ts';

/** When a worker is killed, and what is lost with it. */
export interface Moment {
  readonly ready: (place: Place) => boolean;
  /** The agent's own memory, as if the run went on on another machine that has its files. */
  readonly losesHome?: true;
}

/** The agent has written its file, and asks a model what comes next. */
export const AFTER_IT_WROTE = (place: Place): boolean => wrote(place, 'JOY.md') && thinks(place);

/** A model has been asked and has not answered. */
export function thinks(place: Place): boolean {
  return callsOf(place).underWay > 0;
}

/** The agent has told its session, and has hardly been told what to do. */
export function hasSession(place: Place): boolean {
  return paths(place, 'kept-by').some((path) => readFileSync(path, 'utf8').includes('memo'));
}

function wrote(place: Place, file: string): boolean {
  return paths(place, join('files', file)).length > 0;
}

/** Where there is such a thing in the folders of runs. */
function paths(place: Place, name: string): readonly string[] {
  const runs = join(place.data, 'work/runs');
  const found = existsSync(runs) ? readdirSync(runs).map((run) => join(runs, run, name)) : [];
  return found.filter((path) => existsSync(path));
}

/**
 * Has a worker do the task that is queued, kills it with everything that it started when the moment has come, and has
 * another worker do the rest. The gateway is a process of its own and lives. Gives the calls on record at the kill.
 */
export async function killed(place: Place, moment: Moment): Promise<number> {
  const gateway = await place.start(['gateway', 'serve', '--port', '0']);
  const env = { MAESTRO_GATEWAY_URL: gateway.url };
  const { child } = await place.start(['worker'], env);
  const until = Date.now() + 60_000;
  while (!moment.ready(place)) {
    if (Date.now() > until) throw new Error('the moment to kill the worker did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const before = callsOf(place).all;
  if (moment.losesHome) for (const path of paths(place, 'homes')) rmSync(path, { recursive: true });
  const second = await place.work(env);
  expect(second.code).toBe(0);
  return before;
}
