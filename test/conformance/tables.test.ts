import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as sql from '#adapters/sql/index.ts';
import type { Action } from '#domain/action.ts';
import type { NewEvent } from '#domain/event.ts';
import type { ChangeId, DecisionId, GitOid, PrincipalId, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis, systemClock } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';

const red = 'red' as TenantId;
const blue = 'blue' as TenantId;
const ada = 'human:ada' as PrincipalId;
const run = 'run_1' as RunId;

const tenant: Omit<Tenant, 'ordinal'> = {
  id: red,
  weight: 1.5,
  budgetNano: usd(2_000_000),
  budgetPeriod: 'week',
  slo: 0.99,
  startWithinMs: millis(20_000),
  regions: ['eu'],
  dataClass: 'internal',
  policy: { deniedPaths: ['infra/**'] },
};

function task(id: string, more: Partial<Task> = {}): Task {
  return {
    id: id as TaskId,
    tenant: red,
    repo: 'red/app' as RepoId,
    work: { kind: 'recipe', name: 'rename-api', params: { from: 'a', to: 'b' } },
    priority: 'lo',
    key: id,
    submittedBy: ada,
    state: 'proposed',
    reasons: [],
    submittedAt: millis(1_764_000_000_000),
    boundNano: usd(0.52),
    ...more,
  };
}

const reason = { code: 'OVER_CAP', msg: 'no money', field: 'budget', fix: 'top up' };

describe.each(ENGINES)('%s', (engine) => {
  let places: StorePlaces | undefined;
  let store: sql.Store;
  const tx: sql.Store['truth']['tx'] = (body) => store.truth.tx(body);

  beforeAll(async () => {
    places = await startEngine(engine);
  });

  afterAll(async () => {
    await places?.stop();
  });

  beforeEach(async (context) => {
    if (places === undefined) return context.skip('no engine');
    store = await sql.openStore(places.next());
    return () => store.close();
  });

  test('tenants get one ordinal after another and keep it when they change', async () => {
    const first = await tx((t) => sql.addTenant(t, tenant));
    const again = await tx((t) => sql.addTenant(t, tenant));
    const second = await tx((t) => sql.addTenant(t, { ...tenant, id: blue }));
    const updated = await tx((t) => sql.updateTenant(t, { ...first!, weight: 4 }));
    const forged = await tx((t) => sql.updateTenant(t, { ...first!, ordinal: 2 }));

    expect([first?.ordinal, again, second?.ordinal]).toEqual([1, undefined, 2]);
    expect([updated, forged]).toEqual([true, false]);
    expect(await tx((t) => sql.findTenant(t, red))).toEqual({ ...tenant, ordinal: 1, weight: 4 });
    expect((await tx((t) => sql.listTenants(t))).map((each) => each.id)).toEqual([red, blue]);
  });

  test('tenants that come at the same moment still get different ordinals', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `t${i}` as TenantId);

    const added = await Promise.all(ids.map((id) => tx((t) => sql.addTenant(t, { ...tenant, id }))));

    expect(new Set(added.map((each) => each?.ordinal)).size).toBe(10);
  });

  test('a repository is recorded once, and its head moves only from where it stands', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(40) as GitOid) as [GitOid, GitOid, GitOid];
    const plain = {
      id: 'red/app' as RepoId,
      tenant: red,
      name: 'app',
      defaultBranch: 'main',
      head: a,
      origin: '/src/app',
    };
    const own = { ...plain, id: 'red/lib' as RepoId, testCommand: ['make', 'test'] };

    expect(await tx((t) => sql.addRepository(t, plain))).toBe(true);
    expect(await tx((t) => sql.addRepository(t, plain))).toBe(false);
    expect(await tx((t) => sql.addRepository(t, own))).toBe(true);
    const move = { tenant: red, id: plain.id, from: a, to: b };
    expect(await tx((t) => sql.moveRecordedHead(t, move))).toBe(true);
    expect(await tx((t) => sql.moveRecordedHead(t, { ...move, to: c }))).toBe(false);

    expect(await tx((t) => sql.listRepositories(t, red))).toEqual([{ ...plain, head: b }, own]);
    expect(await tx((t) => sql.findRepository(t, blue, plain.id))).toBeUndefined();
  });

  test('submitting twice with one key of a tenant gives the first task', async () => {
    const first = await tx((t) => sql.addTask(t, task('task_1', { key: 'k' })));
    const again = await tx((t) => sql.addTask(t, task('task_2', { key: 'k', priority: 'hi' })));
    const other = await tx((t) => sql.addTask(t, task('task_3', { key: 'k', tenant: blue })));

    expect(first).toEqual({ added: true, task: task('task_1', { key: 'k' }) });
    expect(again).toEqual({ added: false, task: task('task_1', { key: 'k' }) });
    expect(other.added).toBe(true);
    expect(await tx((t) => sql.findTask(t, red, 'task_2' as TaskId))).toBeUndefined();
  });

  test('ten submits at once with one key make one task', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `task_${i}`);

    const all = await Promise.all(ids.map((id) => tx((t) => sql.addTask(t, task(id, { key: 'k' })))));

    expect(all.filter((each) => each.added)).toHaveLength(1);
    expect(new Set(all.map((each) => each.task.id)).size).toBe(1);
  });

  test('tasks are listed by tenant and state, page after page', async () => {
    for (const id of ['task_1', 'task_2', 'task_3']) await tx((t) => sql.addTask(t, task(id)));
    await tx((t) => sql.addTask(t, task('task_4', { tenant: blue })));
    await tx((t) => sql.addTask(t, task('task_5', { state: 'queued' })));

    const page = (after?: string) =>
      tx((t) =>
        sql.listTasks(t, { tenant: red, state: 'proposed', limit: 2, ...(after ? { after: after as TaskId } : {}) }),
      );

    expect((await page()).map((each) => each.id)).toEqual(['task_1', 'task_2']);
    expect((await page('task_2')).map((each) => each.id)).toEqual(['task_3']);
  });

  test('tasks are listed newest first, of one tenant or all, and those that belong into the queue are found', async () => {
    for (const id of ['task_1', 'task_2', 'task_3']) await tx((t) => sql.addTask(t, task(id, { state: 'queued' })));
    await tx((t) => sql.addTask(t, task('task_4', { tenant: blue })));
    const ids = async (filter: Partial<sql.NewestFilter>) =>
      (await tx((t) => sql.newestTasks(t, { limit: 2, ...filter }))).map(({ id }) => id);

    expect(await ids({})).toEqual(['task_4', 'task_3']);
    expect(await ids({ before: 'task_3' as TaskId })).toEqual(['task_2', 'task_1']);
    expect(await ids({ tenant: red, states: ['queued'] })).toEqual(['task_3', 'task_2']);
    expect(await tx((t) => sql.countTasks(t))).toBe(4);
    const page = { now: millis(0), after: 'task_1', limit: 2 };
    expect((await tx((t) => sql.tasksToQueue(t, page))).map(({ id }) => id)).toEqual(['task_2', 'task_3']);
  });

  test('events of some types about some tasks come in their order', async () => {
    for (const [id, type] of [
      ['task_1', 'task.admitted'],
      ['task_2', 'task.started'],
      ['task_1', 'task.started'],
      ['task_1', 'step.started'],
    ] as const)
      await tx((t) =>
        sql.appendEvent(t, millis(1), {
          type,
          tenant: red,
          task: id as TaskId,
          by: 'human:a' as PrincipalId,
          data: {},
        }),
      );
    const of = { tasks: ['task_1' as TaskId], types: ['task.started', 'task.admitted'] as const };

    expect((await tx((t) => sql.readEventsOf(t, red, of))).map(({ type }) => type)).toEqual([
      'task.admitted',
      'task.started',
    ]);
    expect(await tx((t) => sql.readEventsOf(t, blue, of))).toEqual([]);
  });

  test('a task moves on only from the state that was seen', async () => {
    await tx((t) => sql.addTask(t, task('task_1')));
    const change = {
      tenant: red,
      id: 'task_1' as TaskId,
      from: 'proposed',
      to: 'deferred',
      reasons: [reason],
    } as const;

    expect(await tx((t) => sql.changeTask(t, change))).toBe(true);
    expect(await tx((t) => sql.changeTask(t, change))).toBe(false);
    expect(await tx((t) => sql.changeTask(t, { ...change, tenant: blue, from: 'deferred' }))).toBe(false);
    await expect(tx((t) => sql.changeTask(t, { ...change, to: 'landed' }))).rejects.toThrow(RangeError);

    expect(await tx((t) => sql.findTask(t, red, change.id))).toMatchObject({ state: 'deferred', reasons: [reason] });
  });

  test('a message is taken by those who deliver its kind, and forgotten some time after it arrived', async () => {
    const message = (kind: string) => ({ tenant: red, kind, key: 'a', payload: { kind } });
    const take = (...kinds: string[]) =>
      tx((t) => sql.journalStore.takeMessage(t, { kinds, now: millis(20), until: millis(30) }));
    await tx((t) => sql.journalStore.putMessage(t, message('webhook'), millis(10)));
    await tx((t) => sql.journalStore.putMessage(t, message('alert'), millis(11)));

    expect([await take(), await take('comment')]).toEqual([undefined, undefined]);
    expect(await take('comment', 'alert')).toEqual({ ...message('alert'), attempts: 0 });
    expect([await take('alert'), await take('alert', 'webhook')]).toEqual([
      undefined,
      { ...message('webhook'), attempts: 0 },
    ]);

    await tx((t) => sql.journalStore.messageDelivered(t, message('alert'), millis(40)));
    const forget = (before: number) => tx((t) => sql.deleteDeliveredMessages(t, millis(before)));
    expect([await forget(40), await forget(41), await forget(1000)]).toEqual([0, 1, 0]);
    expect(await store.truth.all('select kind from outbox')).toEqual([{ kind: 'webhook' }]);
  });

  test('a task does not move for a worker whose run another one has taken over', async () => {
    await tx((t) => sql.addTask(t, task('task_1', { state: 'running' })));
    await tx((t) =>
      sql.journalStore.addRun(t, {
        id: run,
        tenant: red,
        task: 'task_1' as TaskId,
        epoch: 2,
        owner: 'b',
        leaseUntil: millis(9),
        state: 'open',
        startedAt: millis(1),
        finishedAt: null,
      }),
    );
    const end = { tenant: red, id: 'task_1' as TaskId, from: 'running', to: 'landed', reasons: [] } as const;

    expect(await tx((t) => sql.changeTask(t, { ...end, run: { id: run, epoch: 1 } }))).toBe(false);
    expect(await tx((t) => sql.changeTask(t, { ...end, run: { id: run, epoch: 2 } }))).toBe(true);
    expect(await tx((t) => sql.listRuns(t, red, end.id))).toMatchObject([{ id: run, epoch: 2, owner: 'b' }]);
  });

  test('a policy decision comes back as it was made, to its own tenant only', async () => {
    const action: Action = {
      name: 'change.land',
      principal: { id: 'agent:recipe' as PrincipalId, kind: 'agent', delegatedBy: ada, grants: [] },
      resource: { kind: 'change', id: 'c1', tenant: red, attributes: { paths: ['a.ts'] } },
    };
    const made: sql.RecordedDecision = {
      id: 'dec_1' as DecisionId,
      allow: false,
      reasons: [reason],
      obligations: [{ kind: 'person', because: reason }],
      engine: 'builtin',
      policyDigest: 'd1',
      engineDecision: 'their-id',
      action,
      at: millis(5),
      task: 'task_1' as TaskId,
    };
    const {
      task: _,
      engineDecision: __,
      ...apart
    } = { ...made, id: 'dec_2' as DecisionId, allow: true, at: millis(6) };

    await tx((t) => sql.recordDecision(t, made));
    await tx((t) => sql.recordDecision(t, apart));

    expect(await tx((t) => sql.findDecision(t, red, made.id))).toEqual(made);
    expect(await tx((t) => sql.findDecision(t, blue, made.id))).toBeUndefined();
    expect(await tx((t) => sql.listDecisions(t, red, made.task))).toEqual([made]);
    expect(await tx((t) => sql.listDecisions(t, red))).toEqual([made, apart]);
    const page = { from: millis(5), limit: 1 };
    expect(await tx((t) => sql.pageDecisions(t, red, page))).toEqual([made]);
    expect(await tx((t) => sql.pageDecisions(t, red, { ...page, after: made }))).toEqual([apart]);
    expect(await tx((t) => sql.pageDecisions(t, red, { from: millis(6), limit: 9 }))).toEqual([apart]);
    expect(await tx((t) => sql.pageDecisions(t, blue, { from: millis(0), limit: 9 }))).toEqual([]);
  });

  test('what an attempt printed is found by its own tenant until it is too old; printed or needed again, it is as new', async () => {
    let now = 1;
    const clock = { ...systemClock, now: () => millis(now) };
    const outputs = new sql.SqlTestOutputs({ sql: store.truth, clock });
    const failed = { outcome: 'failed', exitCode: 1, wallMs: 2, cpuMs: 1, outputDigest: 'd1' } as const;
    const passed = { ...failed, outcome: 'passed' } as const;
    const output = { stdout: 'not ok 1 ✗\n', stderr: 'warned\n', whole: true };
    const end = { stdout: '✗\n', stderr: '', whole: false };
    await outputs.keep(red, failed, output);
    await outputs.keep(red, passed, end);
    const found = () => Promise.all([outputs.find(red, failed), outputs.find(red, passed), outputs.find(blue, failed)]);

    expect(await found()).toEqual([output, end, undefined]);

    now = 5;
    await outputs.keep(red, failed, output);
    expect(await outputs.evict(millis(5))).toBe(1);
    expect(await found()).toEqual([output, undefined, undefined]);

    now = 9;
    await outputs.renew(red, failed);
    expect(await outputs.evict(millis(9))).toBe(0);
  });

  test('a landing keeps its place in the line of its branch while its run is held, and counts no longer after that', async () => {
    let now = 5;
    const clock = { ...systemClock, now: () => millis(now) };
    const line = (change: string, runId: string, branch = 'main') =>
      new sql.SqlLandingLine({
        sql: store.truth,
        clock,
        depth: 8,
        landing: { change: change as ChangeId, tenant: red, repo: 'red/app' as RepoId, branch, run: runId as RunId },
        write: (body) => store.truth.tx(body),
      });
    const held = { tenant: red, owner: 'w', epoch: 1, state: 'open', startedAt: millis(1), finishedAt: null } as const;
    for (const [id, leaseUntil] of [
      ['run_1', 9],
      ['run_2', 20],
    ] as const) {
      const ids = { id: id as RunId, task: `task_of_${id}` as TaskId };
      await tx((t) => sql.journalStore.addRun(t, { ...held, ...ids, leaseUntil: millis(leaseUntil) }));
    }
    const [first, second, elsewhere] = [line('chg_b', 'run_1'), line('chg_a', 'run_2'), line('chg_c', 'run_2', 'old')];
    const nothing = { base: null, tip: null };
    const made = { base: 'a'.repeat(40) as GitOid, tip: 'b'.repeat(40) as GitOid };

    for (const each of [first, second, elsewhere]) await each.put(nothing);
    await first.put(made);
    await first.put(made);

    const [b, a] = [
      { change: 'chg_b', ...made },
      { change: 'chg_a', ...nothing },
    ];
    expect(await second.places()).toEqual([b, a]);
    now = 10;
    expect(await second.places()).toEqual([a]);
    expect(await tx((t) => sql.deleteLostPlaces(t, millis(10)))).toBe(1);
    await tx((t) => sql.deleteLandingPlace(t, 'chg_a' as ChangeId));
    expect(await second.places()).toEqual([]);
    expect(await elsewhere.places()).toEqual([{ change: 'chg_c', ...nothing }]);
  });

  test('settings of a tenant and of the installation do not mix', async () => {
    await tx((t) => sql.putSetting(t, null, 'id', 'one'));
    await tx((t) => sql.putSetting(t, red, 'id', 'two'));
    await tx((t) => sql.putSetting(t, red, 'id', 'three'));

    expect(await tx((t) => sql.findSetting(t, null, 'id'))).toBe('one');
    expect(await tx((t) => sql.findSetting(t, red, 'id'))).toBe('three');
    expect(await tx((t) => sql.findSetting(t, blue, 'id'))).toBeUndefined();
  });

  describe('events', () => {
    const event = (more: Partial<NewEvent> = {}): NewEvent => ({
      type: 'step.started',
      tenant: red,
      by: ada,
      data: { name: 'clone' },
      ...more,
    });

    test('are read from a cursor on, by tenant, task and type', async () => {
      await tx((t) => sql.appendEvent(t, millis(1), event()));
      const second = await tx((t) => sql.appendEvent(t, millis(2), event({ task: 'task_1' as TaskId, run })));
      await tx((t) => sql.appendEvent(t, millis(3), event({ tenant: blue, type: 'task.ended' })));
      await tx((t) => sql.appendEvent(t, millis(4), event({ type: 'task.ended' })));

      const read = async (filter: Partial<sql.EventFilter>) =>
        (await tx((t) => sql.readEvents(t, red, { limit: 10, ...filter }))).map((each) => each.at);

      expect(second).toEqual({ ...event({ task: 'task_1' as TaskId, run }), seq: second.seq, version: 1, at: 2 });
      expect(await read({})).toEqual([1, 2, 4]);
      expect(await read({ after: second.seq })).toEqual([4]);
      expect(await read({ limit: 2 })).toEqual([1, 2]);
      expect(await read({ task: 'task_1' as TaskId })).toEqual([2]);
      expect(await read({ type: 'task.ended' })).toEqual([4]);
      const all = await tx((t) => sql.readAllEvents(t, { limit: 10 }));
      expect(all.map((each) => each.at)).toEqual([1, 2, 3, 4]);
    });

    test('of a transaction that did not commit are not there', async () => {
      const failing = tx(async (t) => {
        await sql.appendEvent(t, millis(1), event());
        throw new Error('rolled back');
      });

      await expect(failing).rejects.toThrow('rolled back');
      expect(await tx((t) => sql.readAllEvents(t, { limit: 10 }))).toEqual([]);
    });

    test('never appear behind a reader that follows the numbers, however long their transactions last', async () => {
      const seen: number[] = [];
      let writing = true;
      const follow = async (): Promise<number> => {
        const after = seen.at(-1) ?? 0;
        const next = await store.queue.tx((t) => sql.readAllEvents(t, { after, limit: 100 }));
        seen.push(...next.map((each) => each.seq));
        return next.length;
      };
      const reader = (async () => {
        while (writing || (await follow()) > 0) {
          await follow();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })();

      const writers = Array.from({ length: 20 }, (_, i) =>
        tx(async (t) => {
          await sql.putSetting(t, red, `s${i}`, 'x'); // draws a transaction id before the event's number
          const { seq } = await sql.appendEvent(t, millis(1), event());
          await new Promise((resolve) => setTimeout(resolve, (i * 7) % 20));
          return seq;
        }),
      );
      const written = await Promise.all(writers);
      writing = false;
      await reader;

      expect(seen).toEqual(written.toSorted((a, b) => a - b));
    });
  });
});
