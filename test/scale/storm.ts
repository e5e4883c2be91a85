import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '#kernel/random.ts';
import type { SqlRow } from '#kernel/sql.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { type Repository } from '#domain/repository.ts';
import type { Tenant } from '#domain/tenant.ts';
import { GREETING, repository } from '../e2e/maestro.ts';
import { type TestRedis, startRedis } from '../engines/redis.ts';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
/** How the processes of a storm are told apart from those of a person: short leases, so that takeovers are seen. */
const ENV = { MAESTRO_LEASE: '3s', MAESTRO_HEARTBEAT: '1s', MAESTRO_WORKERS: '2', MAESTRO_LOG_LEVEL: 'error' };
const BY = person('ada');

export interface StormOptions {
  readonly dir: string;
  readonly seed: number;
  /** In each, some tasks are submitted and one process is killed at a random moment, then started again. */
  readonly rounds: number;
  /** Engines, as settings. */
  readonly env: { readonly [variable: string]: string };
  /** With it, Redis is killed too, and loses everything. */
  readonly redis?: TestRedis;
}

export interface StormReport {
  readonly acknowledged: number;
  readonly kills: { readonly [victim: string]: number };
  /** From starting the process of a killed conductor anew to its first line: it serves. Milliseconds. */
  readonly readyMs: readonly number[];
  /** From the same moment until somebody has taken over every run that the killed one had open. Milliseconds. */
  readonly resumedMs: readonly number[];
  /** What is not exactly once, in words. */
  readonly faults: readonly string[];
}

/** Kills conductor, worker and Redis (if there is one) at random moments under load, and counts what came of every task that was acknowledged. */
export async function storm(options: StormOptions): Promise<StormReport> {
  Object.assign(process.env, ENV, options.env); // this process submits, on the same engines
  const dataDir = join(options.dir, 'data');
  const random = seededRandom(options.seed);
  const acknowledged = new Set<string>();
  await using house = await openHouse({ dataDir });
  const crew = new Crew({ dataDir, house, ...(options.redis ? { redis: options.redis } : {}) });
  const places = await tenants(house, options.dir);
  try {
    await crew.start('conductor');
    await crew.start('worker');
    for (let round = 0; round < options.rounds; round++) {
      const place = places[round % places.length];
      if (place !== undefined) acknowledged.add(await order(house, place, `round${round}`));
      await pause(random.integer(1500));
      const victims = options.redis ? (['conductor', 'worker', 'redis'] as const) : (['conductor', 'worker'] as const);
      await crew.kill(victims[random.integer(victims.length)] ?? 'worker');
    }
    await untilEnded(house, acknowledged);
    return {
      acknowledged: acknowledged.size,
      kills: crew.kills,
      readyMs: crew.readyMs,
      resumedMs: crew.resumedMs,
      faults: [...crew.faults, ...(await faultsIn(house, acknowledged))],
    };
  } finally {
    await crew.stop();
  }
}

type Place = { readonly tenant: Tenant; readonly repo: Repository };

async function tenants(house: House, dir: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const id of ['one', 'two']) {
    const tenant = await createTenant(house, { ...tenantDefaults(house, id), weight: places.length + 1 }, BY);
    const origin = await repository(join(dir, id), GREETING);
    places.push({ tenant, repo: (await addRepo(house, { tenant, origin, name: 'greeting', by: BY })).repo });
  }
  return places;
}

/** Work that runs the repository's tests and changes nothing: a whole road, without conflicts between tasks. */
async function order(house: House, place: Place, key: string): Promise<string> {
  const params = { from: 'absent', to: 'gone' };
  const work = { kind: 'recipe', name: 'rename-api', params } as const;
  return (await submit(house, { ...place, work, priority: 'lo', key, by: BY })).id;
}

async function untilEnded(house: House, ids: ReadonlySet<string>): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    const open = await house.store.truth.all(
      "select id from task where state in ('proposed', 'queued', 'running', 'deferred')",
    );
    if (!open.some(({ id }) => ids.has(String(id)))) return;
    await pause(250);
  }
}

async function faultsIn(house: House, ids: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  const { truth } = house.store;
  const each = async (what: string, query: string): Promise<void> => {
    const found = new Map((await truth.all<SqlRow>(query)).map((row) => [String(row['task']), Number(row['n'])]));
    for (const id of ids) if (found.get(id) !== 1) faults.push(`${what} of ${id}: ${found.get(id) ?? 0}`);
  };
  await each(
    'end',
    "select id as task, count(*) as n from task where state in ('no_change', 'failed', 'needs_human') group by id",
  );
  await each('task.ended', "select task, count(*) as n from event where type = 'task.ended' group by task");
  await each('summary', "select task, count(*) as n from evidence_statement where name = 'summary' group by task");
  const open = await truth.all('select key from ledger_entry where actual_nano is null');
  const runs = await truth.all("select id from run where state = 'open'");
  const twice = await truth.all('select key from ledger_entry group by key having count(distinct actual_nano) > 1');
  for (const row of open) faults.push(`hold left open: ${JSON.stringify(row)}`);
  for (const row of runs) faults.push(`run left open: ${JSON.stringify(row)}`);
  for (const row of twice) faults.push(`settled twice: ${JSON.stringify(row)}`);
  return faults;
}

type Victim = 'conductor' | 'worker' | 'redis';
const COMMANDS = { conductor: ['up', '--port', '0'], worker: ['worker'] } as const;

/** The processes of one installation. */
class Crew {
  readonly kills: { [victim: string]: number } = {};
  readonly readyMs: number[] = [];
  readonly resumedMs: number[] = [];
  readonly faults: string[] = [];
  readonly #dataDir: string;
  readonly #house: House;
  #redis: TestRedis | undefined;
  readonly #alive = new Map<Victim, ChildProcess>();

  constructor(place: { readonly dataDir: string; readonly house: House; readonly redis?: TestRedis }) {
    this.#dataDir = place.dataDir;
    this.#house = place.house;
    this.#redis = place.redis;
  }

  /** Resolves with its first line; gives how long that took, milliseconds. One that ends instead is a fault. */
  async start(who: 'conductor' | 'worker'): Promise<number> {
    const began = performance.now();
    const child = spawn(process.execPath, [MAESTRO, ...COMMANDS[who], '--data-dir', this.#dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ready = await new Promise<boolean>((resolve) => {
      child.stdout.once('data', () => resolve(true));
      child.once('exit', () => resolve(false));
    });
    if (!ready) this.faults.push(`the ${who} did not start: ${said.trim()}`);
    this.#alive.set(who, child);
    return Math.round(performance.now() - began);
  }

  /** Ids of the open runs of one process. */
  async #runsOf(child: ChildProcess | undefined): Promise<readonly string[]> {
    const rows = await this.#house.store.truth.all<{ id: string }>(
      "select id from run where state = 'open' and owner like $1",
      `%:${child?.pid}:%`,
    );
    return rows.map(({ id }) => id);
  }

  async kill(who: Victim): Promise<void> {
    this.kills[who] = (this.kills[who] ?? 0) + 1;
    if (who === 'redis') {
      const port = this.#redis?.port;
      await this.#redis?.stop();
      this.#redis = await startRedis(port === undefined ? {} : { port });
      return;
    }
    const victim = this.#alive.get(who);
    await ended(victim, 'SIGKILL');
    const left = await this.#runsOf(victim);
    const began = performance.now();
    const ready = await this.start(who);
    if (who !== 'conductor') return;
    this.readyMs.push(ready);
    if (left.length === 0) return;
    while ((await this.#runsOf(victim)).length > 0 && performance.now() - began < 60_000) await pause(20);
    this.resumedMs.push(Math.round(performance.now() - began));
  }

  async stop(): Promise<void> {
    for (const child of this.#alive.values()) await ended(child, 'SIGTERM');
    await this.#redis?.stop();
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
