import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { millis, systemClock } from '#kernel/clock.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';

const dir = mkdtempSync(join(tmpdir(), 'maestro-queue-race-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const JOBS = 1500;

async function filled(path: string): Promise<void> {
  const store = await openStore({ engine: 'sqlite', path });
  const queue = new SqlFairQueue({ sql: store.queue, clock: systemClock, estimate: slotMs(10) });
  for (let i = 0; i < 5; i++) await queue.setWeight(`t${i}` as TenantId, weight(1 + i));
  for (let i = 0; i < JOBS; i++) {
    await queue.enqueue({ id: `j${i}` as TaskId, tenant: `t${i % 5}` as TenantId, priority: 'lo', readyAt: millis(0) });
  }
  await store.close();
}

/** Starts a worker; `settled` resolves with the ids that it printed, complete lines only. */
function startWorker(path: string, owner: string, leaseMs: number) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'queue-worker.ts'), path, owner, `${leaseMs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const settled = new Promise<{ ids: string[]; status: number | null }>((resolve) =>
    child.on('close', (status) => resolve({ ids: out.split('\n').slice(0, -1), status })),
  );
  return { child, settled };
}

test('four worker processes on one file run each job exactly once', async () => {
  const path = join(dir, 'calm', 'maestro.db');
  await filled(path);

  const ends = await Promise.all([1, 2, 3, 4].map((n) => startWorker(path, `w${n}`, 60_000).settled));

  expect(ends.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  expect(ends.flatMap(({ ids }) => ids).toSorted()).toEqual(Array.from({ length: JOBS }, (_, i) => `j${i}`).toSorted());
  expect(ends.filter(({ ids }) => ids.length > 0).length).toBeGreaterThan(1);
});

test('jobs of killed workers are run by others, and none is settled twice', async () => {
  const path = join(dir, 'killed', 'maestro.db');
  await filled(path);
  const victims = [1, 2, 3].map((n) => startWorker(path, `victim${n}`, 400));
  for (const { child } of victims) {
    await pause(300);
    child.kill('SIGKILL');
  }

  const ends = await Promise.all([startWorker(path, 'rescuer', 400), ...victims].map(({ settled }) => settled));

  // A victim may have died between its settlement and its print, so a job may be missing from the prints: at most one each.
  const ids = ends.flatMap((end) => end.ids);
  expect(ends[0]?.status).toBe(0);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(JOBS - victims.length);
  const store = await openStore({ engine: 'sqlite', path });
  expect(await store.queue.all('select id from fair_job')).toEqual([]);
  await store.close();
});
