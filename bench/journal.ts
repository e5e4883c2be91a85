import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Store, journalStore, openStore } from '#adapters/sql/index.ts';
import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import { Journal } from '#journal/index.ts';
import { millis, systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { seededRandom } from '#kernel/random.ts';
import type { Sql } from '#kernel/sql.ts';
import { startPostgres } from '../test/engines/postgres.ts';
import { type BenchResult, benchResult, median, target } from './result.ts';

const ROUNDS = 5;
const STEPS = 200;
const ABANDONED_RUNS = 10_000;
const STEPS_OF_ABANDONED = 6;
const RESTART_MS = 1_000;
const PLAIN = 'one JSON file, rewritten and synced at each step';
const tenant = 'bench' as TenantId;
const result = { exitCode: 0, outputDigest: 'f'.repeat(64), tail: 'x'.repeat(500) };

/** Steps per second of the journal against the plain way, and how soon work goes on after a restart. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-journal-'));
  const store = await openStore({ engine: 'sqlite', path: join(dir, 'maestro.db') });
  const server = await startPostgres({ fsync: true });
  const postgres = server && (await openStore({ engine: 'postgres', url: server.url }));
  try {
    const ways = {
      'journal, SQLite FULL': () => inJournal(store.truth, seed),
      [PLAIN]: () => plainWay(join(dir, 'run.json')),
      'journal, SQLite NORMAL': () => inJournal(store.queue, seed),
      ...(postgres ? { 'journal, Postgres, one after another': () => inJournal(postgres.truth, seed) } : {}),
    };
    const speeds = await interleaved(ways);
    const ratio = (way: string): number => round((speeds[way] ?? Number.NaN) / (speeds[PLAIN] ?? Number.NaN));
    const rows = Object.entries(speeds).map(([way, speed]) => ({
      way,
      stepsPerSecond: Math.round(speed),
      timesThePlainWay: ratio(way),
    }));
    const restart = await restartTimes(join(dir, 'restart.db'), seed);
    return benchResult({
      bench: 'journal',
      seed,
      rows: [...rows, restart],
      targets: [
        // Two synced commits a step, intent and result, against one.
        target('steps per second, FULL, against the plain way', ratio('journal, SQLite FULL'), '>=', 0.5),
        target('steps per second, NORMAL, against the plain way', ratio('journal, SQLite NORMAL'), '>=', 2),
        target(
          `ms until work goes on after a restart with ${ABANDONED_RUNS} runs`,
          restart.firstStepMs,
          '<=',
          RESTART_MS,
        ),
      ],
    });
  } finally {
    await store.close();
    await postgres?.close();
    await server?.stop();
    rmSync(dir, { recursive: true });
  }
}

function journalOn(sql: Sql, seed: number): Journal {
  const quiet = { log: () => undefined };
  const ids = new Ids({ clock: systemClock, random: seededRandom(seed) });
  return new Journal({
    sql,
    store: journalStore,
    clock: systemClock,
    ids,
    log: quiet,
    faults: { at: () => undefined },
  });
}

function open(journal: Journal, task: string) {
  const begin = async (): Promise<boolean> => true;
  return journal.open({ tenant, task: task as TaskId, owner: 'bench', leaseMs: 60_000, begin });
}

async function inJournal(sql: Sql, seed: number): Promise<void> {
  const held = await open(journalOn(sql, seed), 'speed');
  for (let i = 0; i < STEPS; i++) await held?.step({ name: `step ${i}`, effect: async () => result });
  await held?.close(async () => undefined);
}

/** What people do without a journal: keep the state in one file and write all of it again after each step. */
async function plainWay(path: string): Promise<void> {
  const steps: object[] = [];
  for (let i = 0; i < STEPS; i++) {
    steps.push({ name: `step ${i}`, result, at: systemClock.now() });
    const file = openSync(path, 'w');
    writeSync(file, JSON.stringify({ steps }));
    fsyncSync(file);
    closeSync(file);
  }
}

/** Median speed of each way in steps per second; all ways take turns. */
async function interleaved(ways: { readonly [way: string]: () => Promise<void> }): Promise<{ [way: string]: number }> {
  const times = new Map(Object.keys(ways).map((way) => [way, new Array<number>()]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [way, work] of Object.entries(ways)) {
      const start = performance.now();
      await work();
      if (round > 0) times.get(way)?.push(performance.now() - start); // the first round warms up
    }
  }
  return Object.fromEntries([...times].map(([way, each]) => [way, (STEPS / median(each)) * 1_000]));
}

/** A store as a machine that lost power leaves it: many runs begun, none held. Times from the opening of the file. */
async function restartTimes(path: string, seed: number) {
  const before = await openStore({ engine: 'sqlite', path });
  await abandonRuns(before);
  await before.close();

  const start = performance.now();
  const store = await openStore({ engine: 'sqlite', path });
  const journal = journalOn(store.truth, seed);
  const found = await store.truth.all<{ task: string }>(
    "select task from run where state = 'open' and lease_until <= $1 order by lease_until",
    systemClock.now(),
  );
  const foundMs = performance.now() - start;
  const steps = Array.from({ length: STEPS_OF_ABANDONED + 1 }, (_, i) => `step ${i + 1}`);
  const first = await open(journal, found[0]?.task ?? '');
  for (const name of steps) await first?.step({ name, effect: async () => result });
  const firstStepMs = performance.now() - start;
  await first?.close(async () => undefined);
  for (const { task } of found.slice(1)) await (await open(journal, task))?.release();
  const allTakenOverMs = performance.now() - start;
  await store.close();
  const times = { foundMs: round(foundMs), firstStepMs: round(firstStepMs), allTakenOverMs: round(allTakenOverMs) };
  return { way: `restart with ${found.length} abandoned runs of ${STEPS_OF_ABANDONED} steps`, ...times };
}

async function abandonRuns(store: Store): Promise<void> {
  await store.queue.tx(async (tx) => {
    for (let i = 0; i < ABANDONED_RUNS; i++) {
      const id = `run_${i}` as RunId;
      const lease = { owner: 'dead', leaseUntil: millis(i), epoch: 1 };
      const fresh = { state: 'open', startedAt: millis(0), finishedAt: null } as const;
      await journalStore.addRun(tx, { id, tenant, task: `task_${i}` as TaskId, ...lease, ...fresh });
      const hold = { tenant, run: id, epoch: 1 };
      for (let seq = 1; seq <= STEPS_OF_ABANDONED; seq++) {
        await journalStore.startStep(tx, hold, { seq, name: `step ${seq}`, at: millis(0) });
        await journalStore.finishStep(tx, hold, { seq, result: JSON.stringify(result), at: millis(0) });
      }
    }
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
