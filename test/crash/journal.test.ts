import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as sql from '#adapters/sql/index.ts';
import type { PrincipalId, RepoId, TaskId, TenantId } from '#domain/ids.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';
import { sized } from '../size.ts';
import type { Orders } from './journal-worker.ts';

const WORKER = fileURLToPath(new URL('./journal-worker.ts', import.meta.url));
const STEPS = ['workspace', 'agent', 'tests', 'push', 'propose', 'land'];
const PHASES = sized(['during'], ['before', 'during', 'after']);
const LEASE_MS = 300;
const red = 'red' as TenantId;

function start(orders: Orders): ChildProcess {
  return spawn(process.execPath, [WORKER, JSON.stringify(orders)], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Exit code, or the signal that ended it. */
async function endOf(worker: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
  return code ?? signal ?? 'unknown';
}

describe.each(ENGINES)('%s', (engine) => {
  let places: StorePlaces | undefined;
  let location: sql.StoreLocation;
  let store: sql.Store;
  let root: string;

  beforeAll(async () => {
    places = await startEngine(engine);
    if (places === undefined) return;
    location = places.next();
    store = await sql.openStore(location);
    root = mkdtempSync(join(tmpdir(), 'maestro-crash-'));
  });

  afterAll(async () => {
    if (places === undefined) return;
    await store.close();
    await places.stop();
    rmSync(root, { recursive: true });
  });

  /** A running task and the folder that stands for the outside world. */
  async function submit(id: string): Promise<{ task: TaskId; outside: string }> {
    const task = id as TaskId;
    await store.truth.tx((tx) =>
      sql.addTask(tx, {
        id: task,
        tenant: red,
        repo: 'red/app' as RepoId,
        work: { kind: 'recipe', name: 'codemod', params: {} },
        priority: 'lo',
        key: id,
        submittedBy: 'human:ada' as PrincipalId,
        state: 'running',
        reasons: [],
        submittedAt: millis(0),
        boundNano: usd(1),
      }),
    );
    return { task, outside: mkdtempSync(join(root, `${id}-`)) };
  }

  async function finished(task: TaskId): Promise<{ state: string | undefined; events: string[]; epoch: number[] }> {
    const events = await store.truth.tx((tx) => sql.readEvents(tx, red, { task, limit: 100 }));
    const runs = await store.truth.tx((tx) => sql.listRuns(tx, red, task));
    const found = await store.truth.tx((tx) => sql.findTask(tx, red, task));
    const names = events.map((event) => `${event.type} ${event.data['name'] as string}`);
    return { state: found?.state, events: names, epoch: runs.map((run) => run.epoch) };
  }

  const wholeStory = [
    ...STEPS.flatMap((name) => [`step.started ${name}`, `step.finished ${name}`]),
    'task.ended landed',
  ];

  const points = STEPS.flatMap((step) => PHASES.map((phase) => ({ step, phase })));
  test.for(points)(
    'killed $phase $step, another worker carries the run to its end',
    { concurrent: true },
    async (die, context) => {
      if (places === undefined) return context.skip('no engine');
      const { task, outside } = await submit(`task-${die.step}-${die.phase}`);
      const orders = { location, task, leaseMs: LEASE_MS, outside };

      const first = await endOf(start({ ...orders, owner: 'a', die }));
      const second = await endOf(start({ ...orders, owner: 'b' }));

      context.expect([first, second]).toEqual(['SIGKILL', 0]);
      context.expect(await finished(task)).toEqual({ state: 'landed', events: wholeStory, epoch: [2] });
      const log = readFileSync(join(outside, 'effects.log'), 'utf8').trim().split('\n');
      const twice = die.phase === 'during';
      context.expect(log).toHaveLength(STEPS.length + (twice ? 1 : 0));
      context
        .expect(log.filter((line) => line.endsWith(' true')))
        .toEqual(die.phase === 'after' ? [] : [`${die.step} true`]);
      const made = readdirSync(outside).filter((name) => name.startsWith('run_'));
      context.expect(made).toHaveLength(STEPS.length);
      await context.expect.poll(() => readdirSync(outside), { timeout: 10_000 }).toContain(`told-${task}`);
    },
  );

  test("a worker that hung while its lease passed has every write refused, and the end stays the other one's", async (context) => {
    if (places === undefined) return context.skip('no engine');
    const { task, outside } = await submit('task-stale');
    const orders = { location, task, leaseMs: LEASE_MS, outside };
    const stale = start({ ...orders, owner: 'a', hangIn: 'tests' });
    let said = '';
    stale.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('hanging')) await delay(10);

    stale.kill('SIGSTOP');
    const other = await endOf(start({ ...orders, owner: 'b' }));
    const ended = endOf(stale);
    stale.kill('SIGCONT');
    stale.stdin?.write('go on\n');
    await ended;

    expect(other).toBe(0);
    const codes = JSON.parse(said.split('\n')[1] ?? '{}') as { [write: string]: string };
    expect(codes).toEqual({
      step: 'FENCED',
      again: 'FENCED',
      heartbeat: 'FENCED',
      outbox: 'FENCED',
      close: 'FENCED',
      signal: 'FENCED',
    });
    expect(await finished(task)).toEqual({ state: 'landed', events: wholeStory, epoch: [2] });
    const runs = await store.truth.tx((tx) => sql.listRuns(tx, red, task));
    expect(runs).toMatchObject([{ owner: 'b', epoch: 2, state: 'closed' }]);
    expect(await store.truth.all("select key from outbox where key = 'stale'")).toEqual([]);
  });

  test('killed after it told a message and before it noted so, another worker tells it again', async (context) => {
    if (places === undefined) return context.skip('no engine');
    const own = places.next(); // no other worker is to tell it
    const outside = mkdtempSync(join(root, 'tell-'));
    const orders = { location: own, task: 'task-tell', leaseMs: LEASE_MS, outside, onlyTell: true };
    const store = await sql.openStore(own);
    const message = { tenant: red, kind: 'landed', key: 'tell', payload: outside };
    await store.truth.tx((tx) => sql.journalStore.putMessage(tx, message, millis(0)));

    const first = await endOf(start({ ...orders, owner: 'a', die: { step: 'tell', phase: 'during' } }));
    const second = await endOf(start({ ...orders, owner: 'b' }));

    expect([first, second]).toEqual(['SIGKILL', 0]);
    expect(readFileSync(join(outside, 'told-tell'), 'utf8')).toBe('told\ntold\n');
    const rows = await store.truth.all('select attempts, delivered_at > 0 as delivered from outbox');
    expect(rows).toEqual([{ attempts: 2, delivered: 1 }]);
    await store.close();
  });

  test('of many workers that open one task at once exactly one gets it', async (context) => {
    if (places === undefined) return context.skip('no engine');
    const { task, outside } = await submit('task-race');
    const orders = { location, task, leaseMs: 60_000, outside };

    const workers = Array.from({ length: 4 }, (_, i) => start({ ...orders, owner: `w${i}` }));
    const first = await Promise.race(workers.map((worker) => endOf(worker)));
    for (const worker of workers) worker.kill('SIGKILL');

    expect(first).toBe(0);
    expect((await finished(task)).events).toEqual(wholeStory);
  });
});
