import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openStore, SqlLedger, type Store, type StoreLocation } from '#adapters/sql/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Random } from '#kernel/random.ts';

/** Each with sixteen clients. */
const PROCESSES = 4;
const TENANTS = 4;
/** Together more than the company's, so that both kinds of caps bind. */
const TENANT_PART = 0.3;
const LOOK_MS = 10;

type Mode = 'reserve' | 'check-then-add';

export interface BudgetRace {
  readonly looks: number;
  /** Most that was spent and held of any cap at any look; 1 is the cap. */
  readonly most: number;
  /** Part of the company's cap that was spent in the end. */
  readonly used: number;
  readonly settlements: number;
  readonly kills: number;
  /** Holds of killed clients, settled at their bounds. */
  readonly crashed: number;
  /** By scope: spent, the sum of what was settled, and what is still held; nano-dollars. */
  readonly scopes: readonly {
    readonly scope: string;
    readonly spent: number;
    readonly settled: number;
    readonly held: number;
  }[];
  /** What 64 clients that look first and add afterwards spend of the same cap. */
  readonly control: number;
}

/** 64 clients in four processes spend all there is while processes are killed and started again; then the usual way spends the same, undisturbed. */
export async function raceForBudgets(
  location: StoreLocation,
  options: { readonly orgCap: number; readonly kills: number; readonly random: Random },
): Promise<BudgetRace> {
  const { orgCap } = options;
  const store = await openStore(location);
  const ledger = new SqlLedger({ clock: systemClock });
  const caps = [['org', orgCap], ...Array.from({ length: TENANTS }, (_, i) => [`tenant:${i}`, orgCap * TENANT_PART])];
  for (const [scope, cap] of caps) {
    const row = { scope: String(scope), capNano: nanoUsd(Number(cap)), keptForHiNano: nanoUsd(0), period: null };
    await store.truth.tx((tx) => ledger.setCap(tx, row));
  }
  const watch = new Watch(store);
  const spent = async (): Promise<number> => {
    const [row] = await store.truth.all<{ spent: number }>(
      `select spent_nano as spent from ledger_scope where scope = 'org'`,
    );
    return (row?.spent ?? 0) / orgCap;
  };
  const kills = await spendAll(location, 'reserve', { ...options, spent });
  const { looks, most } = await watch.end();
  const crashed = await store.truth.tx((tx) => ledger.openHolds(tx));
  for (const { key, boundNano } of crashed) await store.truth.tx((tx) => ledger.settle(tx, key, boundNano));
  const scopes = await accounts(store);
  const [count] = await store.truth.all<{ n: number }>('select count(*) as n from ledger_entry');

  await store.truth.run('create table control (spent bigint, cap bigint)');
  await store.truth.run('insert into control values (0, $1)', orgCap);
  await spendAll(location, 'check-then-add', { ...options, spent, kills: 0 });
  const [control] = await store.truth.all<{ spent: number }>('select spent from control');
  await store.close();
  return {
    ...{ looks, most, kills, scopes, crashed: crashed.length, settlements: count?.n ?? 0 },
    used: (scopes.find(({ scope }) => scope === 'org')?.spent ?? 0) / orgCap,
    control: (control?.spent ?? 0) / orgCap,
  };
}

async function accounts(store: Store): Promise<BudgetRace['scopes']> {
  return store.truth.all(
    `select s.scope, s.spent_nano as spent, s.held_nano as held, sum(e.actual_nano) as settled
     from ledger_scope s join ledger_entry_scope p on p.scope = s.scope and p.starts_at = s.starts_at
     join ledger_entry e on e.key = p.key group by s.scope, s.spent_nano, s.held_nano order by s.scope`,
  );
}

/** Looks at every cap again and again, as an operator could at any moment. */
class Watch {
  #looks = 0;
  #most = 0;
  #over = false;
  readonly #looking: Promise<void>;

  constructor(store: Store) {
    this.#looking = this.#look(store);
  }

  async end(): Promise<{ readonly looks: number; readonly most: number }> {
    this.#over = true;
    await this.#looking;
    return { looks: this.#looks, most: this.#most };
  }

  async #look(store: Store): Promise<void> {
    while (!this.#over) {
      const rows = await store.truth.all<{ used: number; cap: number }>(
        'select spent_nano + held_nano as used, cap_nano as cap from ledger_scope',
      );
      for (const { used, cap } of rows) this.#most = Math.max(this.#most, used / cap);
      this.#looks++;
      await pause(LOOK_MS);
    }
  }
}

/**
 * Runs four processes, kills one of them whenever a further part of the cap is spent and starts another in its place, and
 * waits for the last. Gives how many it killed.
 */
async function spendAll(
  location: StoreLocation,
  mode: Mode,
  { kills, random, spent }: { readonly kills: number; readonly random: Random; readonly spent: () => Promise<number> },
): Promise<number> {
  let started = 0;
  const start = (): Client => new Client(location, mode, `p${started++}`);
  const living = Array.from({ length: PROCESSES }, start);
  await Promise.all(living.map((client) => client.ready));
  for (const client of living) client.go();
  let killed = 0;
  for (let n = 0; n < kills; n++) {
    const enough = (n + random.next()) / (kills + 1);
    while ((await spent()) < enough && living.some(({ hasEnded }) => !hasEnded)) await pause(1);
    const at = random.integer(PROCESSES);
    const victim = living[at];
    if (victim === undefined || victim.hasEnded) continue;
    await victim.kill();
    killed++;
    const next = start();
    living[at] = next;
    void next.ready.then(() => next.go());
  }
  await Promise.all(living.map((client) => client.ended));
  return killed;
}

/** One process of sixteen clients. */
class Client {
  readonly ready: Promise<unknown>;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  constructor(location: StoreLocation, mode: Mode, name: string) {
    const script = join(import.meta.dirname, 'budget-client.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(location), mode, name], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.ready = once(child.stdout, 'data');
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  go(): void {
    this.#child.stdin?.write('go\n');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
