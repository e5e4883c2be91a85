// A worker process for journal.test.ts: carries one task to its end, or dies where it is told to.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StoreLocation, appendEvent, changeTask, findTask, journalStore, openStore } from '#adapters/sql/index.ts';
import type { PrincipalId, TaskId, TenantId } from '#domain/ids.ts';
import { Journal, Outbox, type Run } from '#journal/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { systemRandom } from '#kernel/random.ts';
import type { Tx } from '#kernel/sql.ts';

/** What the test tells a worker, as JSON in its first argument. */
export interface Orders {
  readonly location: StoreLocation;
  readonly task: string;
  readonly owner: string;
  readonly leaseMs: number;
  /** Folder that stands for the outside world. */
  readonly outside: string;
  readonly die?: { readonly step: string; readonly phase: string };
  /** Carries no task, only tells what is to be told, until something was. */
  readonly onlyTell?: boolean;
  /** Stops in the effect of this step until a line comes on standard input. */
  readonly hangIn?: string;
}

const STEPS = ['workspace', 'agent', 'tests', 'push', 'propose', 'land'] as const;

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const tenant = 'red' as TenantId;
const task = orders.task as TaskId;
const clock = systemClock;
const log = { log: () => undefined };
const store = await openStore(orders.location);
const journal = new Journal({
  sql: store.truth,
  store: journalStore,
  clock,
  log,
  ids: new Ids({ clock, random: systemRandom }),
  faults: {
    at: ({ step, phase }) => {
      if (step === orders.die?.step && phase === orders.die.phase) process.kill(process.pid, 'SIGKILL');
    },
  },
});
const outbox = new Outbox({
  sql: store.truth,
  store: journalStore,
  clock,
  log,
  limitMs: 1_000,
  // Whoever drains tells everyone's messages; the payload is the folder to tell it in.
  deliver: {
    landed: async ({ key, payload }) => {
      appendFileSync(join(payload as string, `told-${key}`), 'told\n');
      if (orders.die?.step === 'tell') process.kill(process.pid, 'SIGKILL');
    },
  },
});
const drain = () => outbox.drain(new AbortController().signal);

const message = { tenant, kind: 'landed', key: task, payload: orders.outside };
if (orders.onlyTell === true) {
  while ((await drain()) === 0) await clock.sleep(50);
  process.exit(0);
}

const begin = async (tx: Tx): Promise<boolean> => (await findTask(tx, tenant, task))?.state === 'running';
let run: Run | undefined;
while (run === undefined) {
  run = await journal.open({ tenant, task, owner: orders.owner, leaseMs: orders.leaseMs, begin });
  if (run === undefined) await clock.sleep(20);
}
const held: Run = run;

async function perform(name: string): Promise<void> {
  await held.step({
    name,
    intent: async (tx) => {
      await appendEvent(tx, clock.now(), event('step.started', name));
    },
    effect: async ({ key, recovering }) => {
      // Not idempotent, so that the test can count how often the effect ran.
      appendFileSync(join(orders.outside, 'effects.log'), `${name} ${recovering}\n`);
      // Idempotent by its natural key, as every effect on the outside has to be.
      writeFileSync(join(orders.outside, key.replace('/', '-')), name);
      if (orders.hangIn === name) {
        process.stdout.write('hanging\n');
        await new Promise((resolve) => process.stdin.once('data', resolve));
      }
      return `${name} done`;
    },
    commit: async (tx) => {
      await appendEvent(tx, clock.now(), event('step.finished', name));
      if (name === 'land') await outbox.put(tx, message);
    },
  });
}

const event = (type: 'step.started' | 'step.finished' | 'task.ended', name: string) => ({
  type,
  tenant,
  task,
  run: held.record.id,
  by: `service:${orders.owner}` as PrincipalId,
  data: { name },
});

async function end(): Promise<void> {
  await held.close(async (tx) => {
    await appendEvent(tx, clock.now(), event('task.ended', 'landed'));
    const hold = { id: held.record.id, epoch: held.record.epoch };
    const change = { tenant, id: task, from: 'running', to: 'landed', reasons: [], run: hold } as const;
    if (!(await changeTask(tx, change))) throw new Error('the task had ended before');
  });
}

const codeOf = (write: () => Promise<unknown>): Promise<string> =>
  write().then(
    () => 'written',
    (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)),
  );

if (orders.hangIn === undefined) {
  for (const name of STEPS) await perform(name);
  await end();
  await drain();
} else {
  // A stale worker that does not care that it was told to stop: it tries everything.
  for (const name of STEPS.slice(0, STEPS.indexOf('tests'))) await perform(name);
  const codes = {
    step: await codeOf(() => perform('tests')),
    again: await codeOf(() => perform('tests')),
    heartbeat: await codeOf(() => held.heartbeat()),
    outbox: await codeOf(() => held.write((tx) => outbox.put(tx, { ...message, key: 'stale' }))),
    close: await codeOf(end),
    signal: await codeOf(async () => held.signal.throwIfAborted()),
  };
  process.stdout.write(`${JSON.stringify(codes)}\n`);
  process.stdin.unref();
}
await held.release();
await store.close();
