import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FleetWorker, Pool } from '#app/qos/pools.ts';
import type { TaskDetails } from '#app/views/task-view.ts';
import { GREETING, json, maestro, repository, scratch } from '../e2e/maestro.ts';

// All of it by the command line, as people do it: processes of their own on one data directory.
const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const WAIT_MS = 60_000;

/** Its tests take so long that a worker can be killed meanwhile. */
const SLOW = { ...GREETING, 'test/slow.test.js': 'await new Promise((resolve) => setTimeout(resolve, 4000));\n' };

let folder: ReturnType<typeof scratch>;
let data: string;
let living: ChildProcess[];

beforeEach(async () => {
  folder = scratch();
  data = join(folder.dir, 'data');
  living = [];
  await json(data, ['tenant', 'add', 'core']);
  await json(data, ['repo', 'add', '--tenant', 'core', await repository(join(folder.dir, 'greeting'), GREETING)]);
});
afterEach(async () => {
  for (const child of living) if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGTERM');
  folder[Symbol.dispose]();
});

/** A process of Maestro, ready. */
async function start(...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAESTRO, ...args, '--data-dir', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  living.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ ready: true });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function submit(repo: string, ...more: readonly string[]): Promise<string> {
  const work = ['--recipe', 'rename-api', '--param', 'from=absent', '--param', 'to=gone'];
  const { task } = await json<{ task: string }>(data, ['submit', '--tenant', 'core', '--repo', repo, ...work, ...more]);
  return task;
}

const show = (task: string): Promise<TaskDetails> => json<TaskDetails>(data, ['task', 'show', task]);
const fleet = async (): Promise<readonly FleetWorker[]> =>
  (await json<{ workers: FleetWorker[] }>(data, ['worker', 'list'])).workers;

/** Looks until it is so. */
async function until<T>(look: () => Promise<T>, is: (found: T) => boolean): Promise<T> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (is(found)) return found;
    if (Date.now() > end) throw new Error(`not so within ${WAIT_MS} ms: ${JSON.stringify(found)}`);
    await pause(200);
  }
}

/** Who ran it: the process that its last start names. */
async function pidOf(task: string): Promise<number> {
  const { stdout } = await maestro(data, ['task', 'watch', task, '--json']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; data: { worker?: string } });
  return Number(events.findLast(({ type }) => type === 'task.started')?.data.worker?.split(':')[1]);
}

test('a task that needs labels waits for a worker that has them, and pools tell demand and supply', async () => {
  const plain = await start('worker');
  const task = await submit('core/greeting', '--needs', 'gpu=true');
  const other = await submit('core/greeting');
  expect(await pidOf(other)).toBe(plain.pid);
  expect(await show(task)).toMatchObject({
    state: 'queued',
    waitsFor: 'waits for a worker that has gpu=true: maestro worker --label gpu=true',
  });
  const { pools } = await json<{ pools: Pool[] }>(data, ['worker', 'pools']);
  expect(pools.find(({ pool }) => pool === 'gpu=true')).toMatchObject({ backlog: 1, workers: 0, slots: 0, load: null });

  const labelled = await start('worker', '--label', 'gpu=true', '--label', 'disk=fast');

  expect(await pidOf(task)).toBe(labelled.pid);
  const listed = (await fleet()).map(({ pid, labels, state }) => ({ pid, labels, state }));
  expect(listed).toEqual([
    { pid: plain.pid, labels: [], state: 'serving' },
    { pid: labelled.pid, labels: ['gpu=true', 'disk=fast'], state: 'serving' },
  ]);
});

test('a cordoned worker takes nothing until it is uncordoned, and a drained one finishes and ends', async () => {
  const worker = await start('worker');
  const name = `:${worker.pid}:`;
  expect(await json(data, ['worker', 'cordon', name])).toMatchObject({ state: 'cordoned' });
  await pause(1500); // it hears of it within a second
  const task = await submit('core/greeting');
  await pause(1500);
  expect((await show(task)).state).toBe('queued');

  await json(data, ['worker', 'uncordon', name]);
  await until(
    () => show(task),
    ({ state }) => state === 'running',
  );
  await json(data, ['worker', 'drain', name]);
  await once(worker, 'exit');

  expect(worker.exitCode).toBe(0);
  expect((await show(task)).state).toBe('failed'); // its recipe found nothing to rename; it was finished all the same
  expect(await fleet()).toEqual([]);
  expect((await maestro(data, ['worker', 'drain', name])).stderr).toContain('NO_SUCH_WORKER');
});

test('what a killed worker held goes on at once on its machine, long before its lease would have passed', async () => {
  await json(data, ['repo', 'add', '--tenant', 'core', await repository(join(folder.dir, 'slow'), SLOW)]);
  const first = await start('up', '--port', '0');
  const task = await submit('core/slow');
  await until(
    () => show(task),
    ({ runs }) => (runs[0]?.steps.length ?? 0) > 1,
  );
  await end(first, 'SIGKILL');
  const killedAt = Date.now();

  await start('up', '--port', '0'); // the lock of the killed one is in nobody's way
  const resumed = await until(
    () => show(task),
    ({ runs }) => runs[0]?.epoch === 2,
  );

  expect(Date.now() - killedAt).toBeLessThan(20_000); // the lease is 30 s
  expect(resumed.runs).toHaveLength(1);
  await until(
    () => show(task),
    ({ state }) => state === 'failed',
  );
});
