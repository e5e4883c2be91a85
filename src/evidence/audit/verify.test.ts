import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { appendEvent, auditStore, decisionDigest, eraseEvents, recordDecision } from '#adapters/sql/index.ts';
import type { RecordedDecision } from '#adapters/sql/index.ts';
import type { DecisionId, PrincipalId, TaskId, TenantId } from '#domain/ids.ts';
import { millis } from '#kernel/clock.ts';
import { seededRandom } from '#kernel/random.ts';
import { type Desk, openDesk } from '../../../test/evidence/desk.ts';
import { pruneEvents } from './prune.ts';
import { sealEvents } from './seal.ts';
import { auditEvents } from './verify.ts';

const TENANTS = ['atlas', 'borea'] as TenantId[];
const BY = 'human:ada' as PrincipalId;
let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

/** Nine events with three decisions among them, linked in two stretches, and one event that is not linked yet. */
async function written(): Promise<void> {
  for (let number = 1; number <= 10; number++) {
    await desk.sql.tx(async (tx) => {
      const tenant = TENANTS[number % 2]!;
      const at = millis(1000 + number);
      if (number % 3 !== 0) {
        await appendEvent(tx, at, { type: 'change.commented', tenant, by: BY, data: { number, text: 'secret words' } });
        return;
      }
      const decision = decided(number, tenant);
      await recordDecision(tx, decision);
      const data = { decision: decision.id, digest: decisionDigest(decision), allow: true };
      await appendEvent(tx, at, { type: 'policy.decided', tenant, by: BY, data });
    });
    if (number === 5 || number === 9) await seal();
  }
}

function decided(number: number, tenant: TenantId): RecordedDecision {
  return {
    id: `dec_${number}` as DecisionId,
    at: millis(1000 + number),
    allow: true,
    reasons: [],
    obligations: [],
    engine: 'builtin',
    policyDigest: 'aa',
    action: {
      name: 'task.submit',
      principal: { id: BY, kind: 'human', grants: [] },
      resource: { kind: 'task', id: 't', tenant, attributes: {} },
    },
  };
}

const parts = () => ({ store: auditStore, book: desk.book, random: seededRandom(1) });
const seal = () => desk.sql.tx((tx) => sealEvents(tx, parts()));
const late = { type: 'change.commented', tenant: TENANTS[0]!, by: BY } as const;
const found = async () => (await auditEvents(desk.sql, parts())).failures.map(({ code, seq }) => `${code} ${seq}`);

test('an untouched log passes, and says what no link covers yet', async () => {
  await written();

  expect(await auditEvents(desk.sql, parts())).toMatchObject({ ok: true, events: 9, open: 1 });
});

test('sealing again links only what is new', async () => {
  await written();

  expect([await seal(), await seal()]).toEqual([1, 0]);
  expect(await auditEvents(desk.sql, parts())).toMatchObject({ ok: true, events: 10, open: 0 });
});

test.each([
  ['an edited value', 'update event set data = \'{"number":2}\' where seq = 2', 'EVENT_EDITED 2'],
  ['another principal', "update event set principal = 'human:eve' where seq = 4", 'EVENT_EDITED 4'],
  ['another time', 'update event set at = at + 1 where seq = 7', 'EVENT_EDITED 7'],
  ['a dropped event', 'delete from event where seq = 4', 'EVENT_MISSING 4'],
  [
    'a dropped event with its link',
    'delete from event where seq = 4; delete from audit_link where seq = 4',
    'EVENT_EDITED 5',
  ],
  [
    'the last events dropped with their links',
    'delete from event where seq > 7; delete from audit_link where seq > 7',
    'SEGMENT_MISMATCH 9',
  ],
  [
    'two events in the other order',
    'update event set seq = 100 where seq = 1; update event set seq = 1 where seq = 2; update event set seq = 2 where seq = 100',
    'EVENT_EDITED 1',
  ],
  [
    'an event added between others',
    "update event set seq = seq + 10 where seq > 4; update audit_link set seq = seq + 10 where seq > 4; insert into event (seq, tenant, type, version, at, principal, data) values (5, 'atlas', 'task.cancelled', 1, 1, 'human:eve', '{}')",
    'EVENT_EDITED 15',
  ],
  [
    'data taken away without an erasure',
    "update event set data = '{}' where seq = 2; update audit_link set salt = null where seq = 2",
    'EVENT_ERASED 2',
  ],
  ['an edited decision', "update policy_decision set reasons = '[1]' where id = 'dec_3'", 'DECISION_EDITED 0'],
  ['a dropped decision', "delete from policy_decision where id = 'dec_6'", 'DECISION_MISSING 0'],
])('%s is found', async (_, statements, failure) => {
  await written();

  for (const statement of statements.split('; ')) await desk.sql.run(statement);

  expect(await found()).toContain(failure);
});

test('a chain that was computed anew after an edit does not fit what was signed', async () => {
  await written();

  await desk.sql.run("update event set principal = 'human:eve' where seq = 2");
  await desk.sql.run('delete from audit_link');
  await seal();

  expect(await found()).toContain('SEGMENT_MISMATCH 5');
});

test('after an erasure the chain is whole and nothing of the data is left', async () => {
  await written();

  await desk.sql.tx(async (tx) => {
    await tx.run("delete from policy_decision where tenant = 'atlas'");
    await eraseEvents(tx, TENANTS[0]!);
    await appendEvent(tx, millis(2000), { type: 'tenant.erased', tenant: TENANTS[0]!, by: BY, data: {} });
  });
  await seal();

  expect(await found()).toEqual([]);
  const left = await desk.sql.all<{ data: string }>("select data from event where tenant = 'atlas'");
  expect(left.every(({ data }) => data === '{}')).toBe(true);
});

describe('a pruned chain', () => {
  const prune = (before: number) => desk.sql.tx((tx) => pruneEvents(tx, parts(), millis(before)));

  it('drops whole stretches with their decisions, and the rest verifies', async () => {
    await written();

    const pruned = await prune(1008);

    expect(pruned).toMatchObject({ to: 5, events: 5, erased: [] });
    expect(await auditEvents(desk.sql, parts())).toMatchObject({ ok: true, events: 4, pruned: 5, open: 1 });
    expect(await desk.sql.all('select id from policy_decision order by id')).toEqual([
      { id: 'dec_6' },
      { id: 'dec_9' },
    ]);
    await seal();
    expect(await prune(1008)).toBeUndefined();
    expect(await prune(5000)).toMatchObject({ to: 9, events: 9 }); // the last one stays, numbers go on from it
    expect(await auditEvents(desk.sql, parts())).toMatchObject({ ok: true, events: 1, pruned: 9, open: 0 });
  });

  it.each([
    ['more dropped than was signed', 'delete from event where seq = 6; delete from audit_link where seq <= 6'],
    ['a dropped event', 'delete from event where seq = 7'],
    [
      'an event put back into the gap',
      "insert into event (seq, tenant, type, version, at, principal, data) values (3, 'atlas', 'task.cancelled', 1, 1, 'human:eve', '{}')",
    ],
    ['an edited event behind the gap', "update event set principal = 'human:eve' where seq = 6"],
  ])('%s is found', async (_, statements) => {
    await written();
    await prune(1008);

    for (const statement of statements.split('; ')) await desk.sql.run(statement);

    expect((await auditEvents(desk.sql, parts())).ok).toBe(false);
  });

  it('goes no further than the first event of a task that has not ended, and remembers what was erased', async () => {
    await written();
    await desk.sql.tx(async (tx) => {
      await tx.run("delete from policy_decision where tenant = 'atlas'");
      await eraseEvents(tx, TENANTS[0]!);
      await appendEvent(tx, millis(2000), { ...late, type: 'tenant.erased', data: { leaves: [3] } });
    });
    await seal();
    await desk.sql.tx(async (tx) => {
      await tx.run(
        `insert into task (tenant, id, repo, work, priority, key, submitted_by, state, reasons, submitted_at, bound_nano)
         values ('borea', 'task_1', 'r', '{}', 'lo', 'k', 'x', 'running', '[]', 1, 1)`,
      );
      await appendEvent(tx, millis(2001), {
        type: 'task.started',
        tenant: TENANTS[1]!,
        task: 'task_1' as TaskId,
        by: BY,
        data: {},
      });
    });
    await seal();

    expect(await prune(9000)).toMatchObject({ to: 11, erased: [{ tenant: 'atlas', leaves: [3] }] });
    expect(await found()).toEqual([]);
  });
});
