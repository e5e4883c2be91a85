import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { ManualClock } from '#kernel/clock.ts';
import { jsonLog } from '#kernel/log.ts';
import { systemRandom } from '#kernel/random.ts';
import type { Sql } from '#kernel/sql.ts';
import { readConfig } from '../config/config.ts';
import { pluginDesk } from './plugins.ts';

const DAY_MS = 24 * 3600 * 1000;
const clock = new ManualClock(Date.UTC(2026, 10, 28));
let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'maestro-desk-'));
  store = await openStore({ engine: 'sqlite', path: ':memory:' });
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

function desk(truth: Sql): ReturnType<typeof pluginDesk> {
  const { settings } = readConfig({ flags: { dataDir }, env: {}, cwd: dataDir });
  const log = jsonLog({ clock, write: () => undefined, least: 'error' });
  return pluginDesk({ dataDir, clock, random: systemRandom, settings, log }, { store: { ...store, truth } });
}

/** The store as it is, except that the first question is answered by a fault. */
function onceUnreachable({ truth }: Store): Sql {
  let asked = false;
  return {
    engine: truth.engine,
    all: async (...query) => {
      if (asked) return truth.all(...query);
      asked = true;
      throw new Error('the store cannot be reached');
    },
    run: (...statement) => truth.run(...statement),
    tx: (body) => truth.tx(body),
    close: () => truth.close(),
  };
}

test('a fault when plugins are first needed is told once, and the next use goes on', async () => {
  const plugins = desk(onceUnreachable(store));
  const acme = 'acme' as TenantId;

  await expect(plugins.list(acme)).rejects.toThrow('the store cannot be reached');
  await plugins.close(); // nothing was opened
  expect(await plugins.list(acme)).toEqual([]);
  await plugins.close();
});

test('a process that lives long renews the trust root', async () => {
  const plugins = desk(store.truth);
  const version = async (): Promise<number | undefined> =>
    (await (await plugins.parts()).books.document('trust'))?.version;

  const before = await version();
  clock.advance(200 * DAY_MS);

  expect([before, await version()]).toEqual([1, 2]);
  await plugins.close();
});
