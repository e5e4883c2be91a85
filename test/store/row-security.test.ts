import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTask, openStore, TENANT_TABLES } from '#adapters/sql/index.ts';
import { giveRoles } from '#app/access/roles.ts';
import { verifyAudit } from '#app/governance/audit.ts';
import { eraseTenant } from '#app/governance/erase.ts';
import { pruneAudit } from '#app/governance/prune.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { verifyLog } from '#app/views/evidence-files.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { Worker } from '#app/worker.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import { API_BASE } from '#api/index.ts';
import { submit } from '#app/tasks/submit.ts';
import { getRepo } from '#app/tenants/repositories.ts';
import { openPlace, type Place, ROOT, type Team } from '../api/place.ts';
import { startPostgres, type TestPostgres } from '../engines/postgres.ts';

/** Tables that have rows of both tenants after their tasks have run. */
const FILLED = [
  'task',
  'event',
  'policy_decision',
  'run',
  'step',
  'change',
  'repository',
  'api_key',
  'role_grant',
  'test_output',
];

const DAY = 86_400_000;

const server = await startPostgres();
let owner: string;
let place: Place;
/** The task of each tenant that ran. */
const ran = new Map<string, string>();

/** A user that owns no more than its own schemas, as on a database that others run. */
async function makeUser(postgres: TestPostgres, name: string, may: string): Promise<string> {
  const client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(`create role ${name} login ${may}; grant create on database postgres to ${name}`);
  await client.end();
  return postgres.url.replace('postgres@', `${name}@`);
}

/** Number of the first event of a task that has not ended. */
async function firstOpen(): Promise<number> {
  const [row] = await place.house.store.truth.all<{ seq: number }>(
    "select min(event.seq) as seq from event join task on task.id = event.task where task.state = 'needs_human'",
  );
  return row?.seq ?? 0;
}

/** One more task, which runs to its end. */
async function another({ house }: Place, { tenant }: Team): Promise<void> {
  const work = { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'welcome' } } as const;
  const repo = await getRepo(house, tenant, 'greeting');
  ran.set(tenant.id, (await submit(house, { tenant, repo, work, priority: 'lo', key: 'ran', by: ROOT })).id);
}

beforeAll(async () => {
  if (server !== undefined) owner = await makeUser(server, 'conductor', 'createrole');
});
afterAll(() => server?.stop());

describe.skipIf(server === undefined)('a conductor on Postgres', () => {
  beforeAll(async () => {
    place = await openPlace({ MAESTRO_ENGINE_STORE: 'postgres', MAESTRO_ENGINE_POSTGRES_URL: owner });
    await Promise.all([place.acme, place.umbra].map((team) => another(place, team)));
    const done = new AbortController();
    const working = new Worker(place.house, 2).run(done.signal);
    await untilAtRest(place.house.clock, () => allTasks(place.house), AbortSignal.timeout(120_000));
    done.abort();
    await working;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  test('holds tenants apart by the database: a statement without a condition reads one tenant’s rows only', async () => {
    const { house } = place;
    expect([house.store.rowSecurity, house.engines['store']]).toEqual([true, 'Postgres (row-level security)']);
    for (const table of FILLED) {
      const text = `select distinct tenant from ${table} order by tenant`;
      const of = async (tenant?: string): Promise<unknown[]> => {
        const read = () => house.store.truth.all<{ tenant: string }>(text);
        const rows = await (tenant === undefined ? read() : house.store.within(tenant as TenantId, read));
        return rows.map((row) => row.tenant);
      };
      expect([table, await of()]).toEqual([table, expect.arrayContaining(['acme', 'umbra'])]);
      expect([table, await of('acme'), await of('umbra'), await of('nobody')]).toEqual([
        table,
        ['acme'],
        ['umbra'],
        [],
      ]);
    }
    expect(await house.store.within('acme' as TenantId, () => house.store.truth.all('select id from tenant'))).toEqual([
      { id: 'acme' },
    ]);
  });

  test('writes nothing as a tenant, and reads no table that is not its own', async () => {
    const { store } = place.house;
    const as = (text: string) => store.within('acme' as TenantId, () => store.truth.run(text));

    await expect(as("update task set state = 'failed'")).rejects.toThrow();
    await expect(as('delete from event')).rejects.toThrow();
    await expect(as('select * from principal')).rejects.toThrow(/permission denied/);
    await expect(as('select * from session')).rejects.toThrow(/permission denied/);
    await expect(as("set local maestro.tenant = 'umbra'").then(() => as('select 1'))).resolves.toBe(1);
    expect(await store.within('acme' as TenantId, () => store.truth.all('select id from task'))).toHaveLength(2);
  });

  test('answers every question about a tenant as its own', async () => {
    const { acme, umbra, url } = place;
    for (const [team, other] of [
      [acme, umbra],
      [umbra, acme],
    ] as const) {
      const { tenant, change, decision } = team;
      const task = ran.get(tenant.id);
      const paths = [
        '',
        '/tasks',
        `/tasks/${task}`,
        `/tasks/${task}/tests?output=all`,
        `/tasks/${task}/evidence`,
        `/tasks/${task}/evidence/export`,
        `/tasks/${task}/evidence/verification`,
        '/changes',
        '/inbox',
        `/changes/${change.id}`,
        '/repos',
        '/budget',
        '/keys',
        '/overrides',
        '/decisions',
        `/decisions/${decision}`,
        '/events?limit=1000',
        '/audit?limit=1000',
        '/audit/checked',
        '/slo',
        '/autonomy',
        '/models',
        '/model-keys',
      ];
      for (const path of paths) {
        const answer = await fetch(`${url}${API_BASE}/tenants/${tenant.id}${path}`, {
          headers: { authorization: `Bearer ${team.keys.viewer}` },
        });
        const text = await answer.text();
        expect([path, answer.status, text.includes(other.tenant.id)]).toEqual([path, 200, false]);
      }
      for (const path of [`/tasks/${task}`, `/changes/${change.id}`]) {
        const page = await fetch(url + path, { headers: { authorization: `Bearer ${team.keys.viewer}` } });
        expect([path, page.status, (await page.text()).includes(tenant.id)]).toEqual([path, 200, true]);
      }
    }
  });

  test('answers what a tenant has spent after its period has ended, before anything opens the next one', async () => {
    const { acme, house, url } = place;
    const scope = 'tenant:acme';
    for (const table of ['ledger_scope', 'ledger_entry_scope']) {
      await house.store.truth.run(`update ${table} set starts_at = starts_at - $2 where scope = $1`, scope, 60 * DAY);
    }
    await house.store.truth.run('update ledger_scope set ends_at = ends_at - $2 where scope = $1', scope, 60 * DAY);

    for (const path of ['', '/budget']) {
      const answer = await fetch(`${url}${API_BASE}/tenants/acme${path}`, {
        headers: { authorization: `Bearer ${acme.keys.viewer}` },
      });
      expect([path, answer.status]).toEqual([path, 200]);
    }
    const balance = await house.store.truth.tx((tx) => house.ledger.balance(tx, scope));
    expect(balance).toMatchObject({ spentNano: 0, heldNano: 0 });
    expect(balance?.periodEndsAt).toBeGreaterThan(house.clock.now());
  });

  test('erases a tenant and drops old audit rows, and what is left verifies', async () => {
    const { house } = place;
    const tenant = await createTenant(house, tenantDefaults(house, 'gone'), ROOT);
    await giveRoles(house, tenant, { id: 'service:ci', roles: ['viewer'], by: ROOT });
    await eraseTenant(house, tenant, ROOT);
    expect(await house.store.truth.all("select distinct data from event where tenant = 'gone' order by data")).toEqual([
      { data: expect.stringContaining('leaves') },
      { data: '{}' },
    ]);
    expect(await verifyAudit(house)).toMatchObject({ ok: true, failures: [] });

    expect((await pruneAudit(house, house.clock.now(), ROOT))?.to ?? 0).toBeLessThan(await firstOpen());
    await house.store.truth.run("update task set state = 'failed' where state = 'needs_human'");

    const pruned = await pruneAudit(house, house.clock.now(), ROOT);

    expect(pruned?.events).toBeGreaterThan(10);
    expect(await verifyAudit(house)).toMatchObject({ ok: true, failures: [], pruned: pruned?.events });
    expect((await verifyLog(house, [])).ok).toBe(true);
  });

  test('has a policy on every table with a column tenant', async () => {
    const rows = await place.house.store.truth.all<{ name: string; policy: string | null; secured: number }>(
      `select c.relname as name, p.qual as policy, c.relrowsecurity as secured
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
       left join pg_policies p on p.schemaname = n.nspname and p.tablename = c.relname
       where n.nspname = 'maestro' and c.relkind = 'r' order by c.relname`,
    );

    expect(rows.map(({ name }) => name)).toEqual(Object.keys(TENANT_TABLES).sort());
    const whole = "(tenant = current_setting('maestro.tenant'::text, true))";
    expect(rows.filter(({ policy, secured }) => policy !== whole || secured !== 1)).toEqual([]);
  });
});

test.skipIf(server === undefined)(
  'without the right to make roles a store works, and says that rows are not secured',
  async () => {
    const plain = await openStore({ engine: 'postgres', url: await makeUser(server!, 'plain', ''), schema: 'plain' });
    try {
      expect(plain.rowSecurity).toBe(false);
      const task = { tenant: 'red', id: 'task_1', work: {}, reasons: [], state: 'proposed' };
      const whole = { ...task, repo: 'r', priority: 'lo', key: 'k', submittedBy: 'a', submittedAt: 1, boundNano: 1 };
      // The cast is true: these are the columns of a task.
      await plain.truth.tx((tx) => addTask(tx, whole as unknown as Task));
      const found = await plain.within('red' as TenantId, () => plain.truth.all<{ id: TaskId }>('select id from task'));
      expect(found).toEqual([{ id: 'task_1' }]);
    } finally {
      await plain.close();
    }
  },
);
