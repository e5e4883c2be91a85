import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '#adapters/sql/index.ts';
import { startPostgres } from '../engines/postgres.ts';

test('a connection that breaks under a transaction is a clear error, and the next transaction has a new one', async (context) => {
  const server = await startPostgres();
  if (server === undefined) return context.skip('no Postgres');
  const location = { engine: 'postgres', url: server.url } as const;
  const [store, other] = [await openStore(location), await openStore(location)];
  onTestFinished(async () => {
    await store.close();
    await other.close();
    await server.stop();
  });
  await store.truth.run('create table item (n bigint)');

  const broken = store.truth.tx(async (tx) => {
    await tx.run('insert into item (n) values (1)');
    const [row] = await tx.all<{ pid: number }>('select pg_backend_pid() as pid');
    await other.truth.all('select pg_terminate_backend($1)', row!.pid);
    await tx.run('insert into item (n) values (2)');
  });

  await expect(broken).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(await store.truth.all('select n from item')).toEqual([]);
});

test('a server that stops is a clear error for whoever was at work and whoever comes after', async (context) => {
  const server = await startPostgres();
  if (server === undefined) return context.skip('no Postgres');
  const store = await openStore({ engine: 'postgres', url: server.url });
  onTestFinished(() => store.close());

  const cutOff = store.truth.tx(async (tx) => {
    await tx.all('select 1 as one');
    await server.stop();
    await tx.all('select 1 as one');
  });

  await expect(cutOff).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  await expect(store.queue.all('select 1 as one')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});
