import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type StoreLocation, SqlLedger, openStore } from '#adapters/sql/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';

// One process of sixteen clients that spend until no room is left. `reserve` uses the ledger, `check-then-add` the usual way.
const [where = '', mode = '', name = ''] = process.argv.slice(2);
const LARGEST = 4_000_000;
const LEAST = 20_000;

// The cast is true: the test wrote it.
const store = await openStore(JSON.parse(where) as StoreLocation);
const ledger = new SqlLedger({ clock: systemClock });

async function client(n: number): Promise<void> {
  const scopes = ['org', `tenant:${n % 4}`];
  for (let call = 0, largest = LARGEST; largest >= LEAST; call++) {
    const boundNano = nanoUsd(1 + Math.floor(Math.random() * largest));
    const key = `${name}-${n}-${call}`;
    const { kind } = await store.truth.tx((tx) => ledger.reserve(tx, { key, scopes, boundNano, priority: 'lo' }));
    if (kind === 'over_cap') {
      largest /= 2;
      continue;
    }
    await pause(Math.random() * 20);
    const actual = nanoUsd(Math.ceil(boundNano * (0.3 + 0.7 * Math.random())));
    await store.truth.tx((tx) => ledger.settle(tx, key, actual));
  }
}

async function careless(): Promise<void> {
  for (let largest = LARGEST; largest >= LEAST;) {
    const bound = 1 + Math.floor(Math.random() * largest);
    const [row] = await store.truth.all<{ spent: number; cap: number }>('select spent, cap from control');
    if (!row || row.spent + bound > row.cap) {
      largest /= 2;
      continue;
    }
    await pause(Math.random() * 20);
    await store.truth.run('update control set spent = spent + $1', Math.ceil(bound * (0.3 + 0.7 * Math.random())));
  }
}

// All begin at one moment, however long each took to start: else the first spends everything before the others are there.
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
await Promise.all(Array.from({ length: 16 }, (_, n) => (mode === 'reserve' ? client(n) : careless())));
await store.close();
