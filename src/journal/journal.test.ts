import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Store, journalStore, openStore } from '#adapters/sql/index.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { ManualClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import type { Json } from '#kernel/json.ts';
import { seededRandom } from '#kernel/random.ts';
import type { Tx } from '#kernel/sql.ts';
import { Journal } from './journal.ts';
import type { Run } from './run.ts';
import { LARGEST_RESULT } from './step.ts';

const LEASE_MS = 30_000;
const place = { tenant: 'red' as TenantId, task: 'task_1' as TaskId, begin: async () => true };

let store: Store;
let clock: ManualClock;
let journal: Journal;
let points: string[];

beforeEach(async () => {
  store = await openStore({ engine: 'sqlite', path: ':memory:' });
  await store.truth.run('create table note (text text not null)');
  clock = new ManualClock(1_000_000);
  points = [];
  journal = new Journal({
    sql: store.truth,
    store: journalStore,
    clock,
    ids: new Ids({ clock, random: seededRandom(1) }),
    log: { log: () => undefined },
    faults: { at: ({ step, phase }) => points.push(`${phase} ${step}`) },
  });
});

afterEach(async () => {
  await store.close();
});

async function open(owner: string, more: { signal?: AbortSignal } = {}): Promise<Run> {
  const run = await journal.open({ ...place, owner, leaseMs: LEASE_MS, ...more });
  if (run === undefined) throw new Error('held by another worker');
  return run;
}

/** The state in which a worker that died leaves its run: nobody renews the lease, and its time passes. */
async function die(run: Run): Promise<void> {
  await run.release();
  await store.truth.run('update run set lease_until = $1', clock.now() + LEASE_MS);
  clock.advance(LEASE_MS);
}

const note = (tx: Tx, text: string) => tx.run('insert into note (text) values ($1)', text);
const notes = async () => (await store.truth.all<{ text: string }>('select text from note')).map((row) => row.text);
const returning = (name: string, value: Json) => ({ name, effect: async () => value });

describe('a step', () => {
  test('gives its recorded result to whoever carries the run on, without running again', async () => {
    const first = await open('a');
    await first.step(returning('one', { seen: [1, 'x', null] }));
    await die(first);

    await using second = await open('b');
    const result = await second.step({ name: 'one', effect: () => Promise.reject(new Error('ran again')) });

    expect(result).toEqual({ seen: [1, 'x', null] });
    expect(second.record).toMatchObject({ id: first.record.id, epoch: 2, owner: 'b' });
  });

  test('commits its intent before its effect, and its result together with what belongs to it', async () => {
    await using run = await open('a');

    await run.step({
      name: 'one',
      intent: async (tx) => void (await note(tx, 'intent')),
      effect: async () => (await notes()).join(),
      commit: async (tx, before) => void (await note(tx, `result after ${before}`)),
    });

    expect(await notes()).toEqual(['intent', 'result after intent']);
    expect(points).toEqual(['before one', 'during one', 'after one']);
  });

  test('that was begun and not finished is told so, under the same key, and does not repeat its intent', async () => {
    const keys: string[] = [];
    const first = await open('a');
    const dying = first.step({
      name: 'one',
      intent: async (tx) => void (await note(tx, 'intent')),
      effect: async (context) => Promise.reject(new Error(keys.push(context.key) ? 'power cut' : '')),
    });
    await expect(dying).rejects.toThrow('power cut');
    await die(first);

    await using second = await open('b');
    const recovering = await second.step({
      name: 'one',
      intent: async (tx) => void (await note(tx, 'intent')),
      effect: async (context) => (keys.push(context.key), context.recovering),
    });

    expect(recovering).toBe(true);
    expect(await notes()).toEqual(['intent']);
    expect(keys).toEqual([`${first.record.id}/1`, `${first.record.id}/1`]);
  });

  test.each([
    ['gave the run up', 0, 2000],
    ['died, at most until its lease ended', 500, 2500],
  ])(
    'that was cut off counts what its worker took until it %s (%d ms), not the time in which nobody had it',
    async (_, leaseMs, tookMs) => {
      const cut = await open('a');
      await expect(
        cut.step({
          name: 'one',
          effect: async () => {
            clock.advance(2000);
            throw new Error('cut off');
          },
        }),
      ).rejects.toThrow('cut off');
      await cut.release();
      await store.truth.run('update run set lease_until = lease_until + $1', leaseMs);
      clock.advance(36_000_000);

      await using run = await open('b');
      await run.step({
        name: 'one',
        effect: async () => {
          clock.advance(1000);
          return 1;
        },
      });

      const [step] = await journalStore.listSteps(store.truth, run.record.id);
      expect((step?.finishedAt ?? 0) - (step?.startedAt ?? 0)).toBe(tookMs + 1000);
    },
  );

  test('whose commit fails has no result, and can be tried again at once', async () => {
    await using run = await open('a');
    const step = { name: 'one', effect: async () => 1 };
    const failing = run.step({
      ...step,
      commit: async (tx) => {
        await note(tx, 'half');
        throw new Error('no');
      },
    });
    await expect(failing).rejects.toThrow('no');

    await run.step({ ...step, commit: async (tx) => void (await note(tx, 'whole')) });

    expect(await notes()).toEqual(['whole']);
  });

  test('with another name than the recorded one is refused, naming both', async () => {
    const first = await open('a');
    await first.step(returning('clone', null));
    await die(first);

    await using second = await open('b');
    const replay = second.step(returning('fetch', null));

    await expect(replay).rejects.toMatchObject({
      code: 'NONDETERMINISTIC',
      message: expect.stringMatching(/"clone".*"fetch"/),
      details: { seq: 1, recorded: 'clone', now: 'fetch' },
    });
  });

  test('that takes longer than its limit is aborted and can be tried again', async () => {
    await using run = await open('a');
    let aborted: unknown;
    const slow = run.step({
      name: 'slow',
      limitMs: 500,
      effect: (context) =>
        new Promise<null>((resolve) => {
          context.signal.addEventListener('abort', () => {
            aborted = context.signal.reason;
            resolve(null); // even work that ends well has come too late
          });
          queueMicrotask(() => clock.advance(500));
        }),
    });

    await expect(slow).rejects.toMatchObject({ code: 'STEP_TIMED_OUT', details: { step: 'slow', limitMs: 500 } });
    expect(aborted).toMatchObject({ code: 'STEP_TIMED_OUT' });
    expect(await run.step({ name: 'slow', limitMs: 500, effect: async (context) => context.recovering })).toBe(true);
  });

  test('that ignores its signal is left behind after some seconds', async () => {
    await using run = await open('a');
    const deaf = run.step({ name: 'deaf', limitMs: 500, effect: () => new Promise<null>(() => undefined) });
    const refused = expect(deaf).rejects.toMatchObject({ code: 'STEP_TIMED_OUT' });

    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }

    await refused;
  });

  test('is aborted when the worker is told to stop', async () => {
    const stop = new AbortController();
    await using run = await open('a', { signal: stop.signal });
    const waiting = run.step({
      name: 'wait',
      effect: (context) =>
        new Promise<null>((_, reject) => {
          context.signal.addEventListener('abort', () => reject(new Error('ended early')));
          queueMicrotask(() => stop.abort(new Error('ctrl-c')));
        }),
    });

    await expect(waiting).rejects.toThrow('ctrl-c');
  });

  test('does not even record its intent when the worker was told to stop before', async () => {
    const stop = new AbortController();
    await using run = await open('a', { signal: stop.signal });
    stop.abort(new Error('ctrl-c'));

    await expect(run.step(returning('one', 1))).rejects.toThrow('ctrl-c');

    expect(await store.truth.all('select name from step')).toEqual([]);
  });

  test('cannot begin before the one before it has ended', async () => {
    await using run = await open('a');

    const both = await Promise.allSettled([run.step(returning('one', 1)), run.step(returning('two', 2))]);

    expect(both[0]).toMatchObject({ status: 'fulfilled', value: 1 });
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { code: 'STEPS_OVERLAP' } });
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each([
    ['nothing', undefined],
    ['a number that is none', { n: Number.NaN }],
    ['a date', [new Date(0)]],
    ['a map', new Map()],
    ['a big integer', 1n],
    ['a cycle', cycle],
  ])('with %s as result is refused', async (_, value) => {
    await using run = await open('a');

    // The cast lies on purpose: plain JavaScript can return anything.
    await expect(run.step(returning('one', value as Json))).rejects.toMatchObject({ code: 'RESULT_NOT_JSON' });
  });

  test('may have a result of one mebibyte and no more', async () => {
    await using run = await open('a');
    const largest = 'é'.repeat((LARGEST_RESULT - 2) / 2);

    await expect(run.step(returning('one', `${largest}x`))).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
    expect(await run.step(returning('one', largest))).toBe(largest);
  });
});

describe('a run', () => {
  test('is held by one worker until its lease passes', async () => {
    await using first = await open('a');

    expect(await journal.open({ ...place, owner: 'b', leaseMs: LEASE_MS })).toBeUndefined();
    expect(await journal.open({ ...place, owner: 'a', leaseMs: LEASE_MS })).toBeUndefined();
    expect(first.record.epoch).toBe(1);
  });

  test('stays with its worker for as long as that lives', async () => {
    await using run = await open('a');

    for (let i = 0; i < 100; i++) {
      clock.advance(LEASE_MS / 3);
      await new Promise((resolve) => setImmediate(resolve));
      expect(await journal.open({ ...place, owner: 'b', leaseMs: LEASE_MS })).toBeUndefined();
    }

    expect(run.signal.aborted).toBe(false);
  });

  test('can be taken over at once when its worker releases it', async () => {
    const first = await open('a');
    await first.release();

    await using second = await open('b');

    expect(second.record.epoch).toBe(2);
    await expect(first.heartbeat()).rejects.toMatchObject({ code: 'FENCED' });
  });

  test('is not begun or taken over when its task wants none', async () => {
    const begin = async () => false;
    const asked = { ...place, owner: 'b', leaseMs: LEASE_MS, begin };

    expect(await journal.open(asked)).toBeUndefined();
    await die(await open('a'));
    expect(await journal.open(asked)).toBeUndefined();

    expect(await store.truth.all('select epoch, owner from run')).toEqual([{ epoch: 1, owner: 'a' }]);
  });

  test('that was closed is not carried on', async () => {
    const first = await open('a');
    await first.close(async (tx) => void (await note(tx, 'the end')));

    await using second = await open('b');

    expect(second.record.id).not.toBe(first.record.id);
    expect(await notes()).toEqual(['the end']);
    await expect(first.step(returning('more', 1))).rejects.toMatchObject({ code: 'FENCED' });
  });

  test('refuses every write of a worker that lost it, and aborts its signal', async () => {
    const stale = await open('a');
    await stale.step(returning('one', 1));
    await store.truth.run('update run set lease_until = 0');
    await using owner = await open('b');
    await owner.step(returning('one', 1));

    const writes = [
      () => stale.step(returning('two', 2)),
      () => stale.heartbeat(),
      () => stale.write(async (tx) => note(tx, 'stale')),
      () => stale.close(async (tx) => void (await note(tx, 'stale end'))),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'FENCED' });
    await stale.release();
    await owner.close(async (tx) => void (await note(tx, 'the end')));

    expect(stale.signal.reason).toMatchObject({ code: 'FENCED' });
    expect(await notes()).toEqual(['the end']);
    const rows = await store.truth.all('select epoch, owner, state from run');
    expect(rows).toEqual([{ epoch: 2, owner: 'b', state: 'closed' }]);
  });

  test('notices by itself that it was taken over, and aborts the effect', async () => {
    const stale = await open('a');
    await store.truth.run('update run set lease_until = 0');
    await using owner = await open('b');
    const hanging = stale.step({ name: 'one', effect: async () => 1 });

    await expect(hanging).rejects.toMatchObject({ code: 'FENCED' });
    const idle = await journal.open({ ...place, task: 'task_2' as TaskId, owner: 'a', leaseMs: LEASE_MS });
    await store.truth.run('update run set epoch = 7 where task = $1', 'task_2');
    clock.advance(LEASE_MS / 3);
    await new Promise((resolve) => setImmediate(resolve));

    expect(idle?.signal.reason).toMatchObject({ code: 'FENCED' });
    expect(owner.signal.aborted).toBe(false);
  });

  test('counts as lost when its lease passed while the store did not answer', async () => {
    const run = await open('a');
    await store.close();

    for (let i = 0; i < 4; i++) {
      clock.advance(LEASE_MS / 3);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(run.signal.reason).toMatchObject({ code: 'FENCED' });
  });
});
