import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { SqlLedger, type StoreLocation, openStore } from '#adapters/sql/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import { ENGINES, startEngine } from '../engines/stores.ts';
import { sized } from '../size.ts';

const ORG_CAP = sized(400_000_000, 1_000_000_000);
const TENANT_CAP = ORG_CAP * 0.3;
const PROCESSES = 4;
const KILLS = 6;

let started = 0;
function startClients(location: StoreLocation, mode: 'reserve' | 'check-then-add'): ChildProcess {
  const script = join(import.meta.dirname, 'budget-client.ts');
  return spawn(process.execPath, [script, JSON.stringify(location), mode, `p${started++}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (status) => resolve(status)));

/** Runs four processes, kills one of them now and then and starts another in its place, and waits for the last. */
async function spendWithKills(location: StoreLocation, mode: 'reserve' | 'check-then-add'): Promise<void> {
  const living = Array.from({ length: PROCESSES }, () => startClients(location, mode));
  const ready = (client: ChildProcess): Promise<unknown> => once(client.stdout!, 'data');
  const go = (client: ChildProcess): boolean => client.stdin!.write('go\n');
  const goWhenReady = async (client: ChildProcess): Promise<void> => {
    await ready(client);
    go(client);
  };
  await Promise.all(living.map(ready));
  living.forEach(go);
  for (let kill = 0; kill < KILLS; kill++) {
    const at = Math.floor(Math.random() * PROCESSES);
    const victim = living[at];
    if (victim?.exitCode !== null) continue;
    await pause(50 + Math.random() * 150);
    if (victim.exitCode !== null) continue;
    const gone = ended(victim);
    victim.kill('SIGKILL');
    await gone;
    const next = startClients(location, mode);
    living[at] = next;
    void goWhenReady(next);
  }
  await Promise.all(living.filter((child) => child.exitCode === null).map((child) => ended(child)));
}

describe.each(ENGINES)('64 clients in 4 processes with kill -9: %s', (engine) => {
  test('no cap is ever passed, nearly all is used, and each nano-dollar is accounted for', async (context) => {
    const places = await startEngine(engine);
    if (!places) return context.skip('no engine');
    const location = places.next();
    const store = await openStore(location);
    const ledger = new SqlLedger({ clock: systemClock });
    const set = (scope: string, cap: number) =>
      store.truth.tx((tx) =>
        ledger.setCap(tx, { scope, capNano: nanoUsd(cap), keptForHiNano: nanoUsd(0), period: null }),
      );
    await set('org', ORG_CAP);
    for (let i = 0; i < 4; i++) await set(`tenant:${i}`, TENANT_CAP);
    let most = 0;
    const watch = setInterval(() => {
      void store.truth
        .all<{ used: number }>('select max((spent_nano + held_nano) * 1000 / cap_nano) as used from ledger_scope')
        .then(([row]) => (most = Math.max(most, row?.used ?? 0)));
    }, 20);

    await spendWithKills(location, 'reserve');
    clearInterval(watch);
    const crashed = await store.truth.tx((tx) => ledger.openHolds(tx));
    for (const { key, boundNano } of crashed) await store.truth.tx((tx) => ledger.settle(tx, key, boundNano));

    const scopes = await store.truth.all<{ scope: string; cap: number; spent: number; held: number; settled: number }>(
      `select s.scope, s.cap_nano as cap, s.spent_nano as spent, s.held_nano as held, sum(e.actual_nano) as settled
       from ledger_scope s join ledger_entry_scope p on p.scope = s.scope and p.starts_at = s.starts_at
       join ledger_entry e on e.key = p.key group by s.scope, s.cap_nano, s.spent_nano, s.held_nano`,
    );
    const org = scopes.find(({ scope }) => scope === 'org');
    console.log(
      `${engine}: used ${((org?.spent ?? 0) / ORG_CAP).toFixed(4)} of the cap, ${crashed.length} holds of crashed clients`,
    );
    expect(crashed.length).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(500);
    expect(most).toBeLessThanOrEqual(1000);
    for (const { cap, spent, held, settled } of scopes) {
      expect(held).toBe(0);
      expect(settled).toBe(spent);
      expect(spent).toBeLessThanOrEqual(cap);
    }
    expect(org?.spent).toBeGreaterThanOrEqual(0.95 * ORG_CAP);

    await store.truth.run('create table control (spent bigint, cap bigint)');
    await store.truth.run('insert into control values (0, $1)', ORG_CAP);
    await spendWithKills(location, 'check-then-add');
    const [control] = await store.truth.all<{ spent: number }>('select spent from control');
    console.log(`${engine}: check-then-add used ${((control?.spent ?? 0) / ORG_CAP).toFixed(4)} of the cap`);
    expect(control?.spent).toBeGreaterThan(ORG_CAP);
    await store.close();
    await places.stop();
  });
});
