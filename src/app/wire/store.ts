import { join } from 'node:path';
import { nanoUsd } from '#kernel/money.ts';
import { journalStore, openStore, SqlLedger, type Store } from '#adapters/sql/index.ts';
import { Journal } from '#journal/index.ts';
import { AppError } from '../fault.ts';
import { killAt } from '../faults.ts';
import type { House } from '../house.ts';
import type { Settings } from '../config/settings.ts';
import { outboxParts } from './outbox.ts';
import type { Tools } from './tools.ts';

export type StoreParts = Pick<House, 'store' | 'ledger' | 'journal' | 'outbox' | 'alertReceivers' | 'disk'>;

/** The truth, money and durable steps. */
export async function storeParts({ settings, keys, clock, ids, log, dataDir }: Tools): Promise<StoreParts> {
  const store = await openStore(storeLocation(settings), keys);
  const ledger = new SqlLedger({ clock });
  await prepareScopes(store, ledger, settings);
  const faults = killAt(settings['test.killAt']);
  return {
    store,
    ledger,
    ...outboxParts(settings, { sql: store.truth, store: journalStore, clock, log }),
    journal: new Journal({ sql: store.truth, store: journalStore, clock, ids, log, faults }),
    disk: {
      low: () => Promise.resolve(store.space().low),
      admit: () => {
        const { low, freeBytes } = store.space();
        if (!low) return Promise.resolve();
        const message = `only ${freeBytes ?? 'an unknown number of'} bytes are free at ${dataDir}`;
        return Promise.reject(new AppError('DISK_LOW', message));
      },
    },
  };
}

function storeLocation(settings: Settings): Parameters<typeof openStore>[0] {
  const url = settings['engine.postgresUrl'];
  if (settings['engine.store'] === 'postgres' && url !== undefined) return { engine: 'postgres', url };
  const lowBytes = settings['disk.reserve'];
  const bytes = Math.min(32 * 2 ** 20, Math.floor(lowBytes / 2));
  return { engine: 'sqlite', path: join(settings.dataDir, 'maestro.db'), reserve: { bytes, lowBytes } };
}

/** The company's own scope has the cap of the setting, or none, until it is given another. */
async function prepareScopes(store: Store, ledger: SqlLedger, settings: Settings): Promise<void> {
  await store.truth.tx(async (tx) => {
    if ((await ledger.balance(tx, 'org')) !== undefined) return;
    const capNano = settings['budget.orgUsd'] ?? null;
    const keptForHiNano = nanoUsd(Math.floor((capNano ?? 0) * settings['budget.hiReserve']));
    const period = capNano === null ? null : settings['budget.orgPeriod'];
    await ledger.setCap(tx, { scope: 'org', capNano, keptForHiNano, period });
  });
}
