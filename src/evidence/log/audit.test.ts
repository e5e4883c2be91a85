import { beforeEach, expect, test } from 'vitest';
import { evidenceLog, evidenceStatements } from '#adapters/sql/index.ts';
import type { Sql, SqlRow, SqlValue } from '#kernel/sql.ts';
import { openDesk, type Desk } from '../../../test/evidence/desk.ts';
import { recordLanded, recordRefused, sampleChange, sampleTask } from '../../../test/evidence/sample.ts';
import { auditLog } from './audit.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
  await recordRefused(desk, sampleTask('task_1', 'denied'));
  await recordLanded(desk, sampleTask('task_2'), sampleChange());
  return () => desk.close();
});

const audit = (earlier: string[] = []) =>
  auditLog(desk.sql, { store: evidenceLog, statements: evidenceStatements, key: desk.log.key }, earlier);
const codes = async (earlier: string[] = []) => (await audit(earlier)).failures.map(({ code, index }) => [code, index]);
const checkpoint = async () => (await desk.sql.tx((tx) => desk.log.checkpoint(tx)))!;

test('a log that nobody touched is in order, also against checkpoints of earlier days', async () => {
  const earlier = await checkpoint();
  await recordRefused(desk, sampleTask('task_3', 'denied'));

  expect(await audit([earlier])).toMatchObject({ ok: true, size: 12, failures: [] });
});

test('entries that are written meanwhile are read too, and are no fault', async () => {
  const { sql } = desk;
  const busy: Sql = {
    engine: sql.engine,
    all: async <Row extends SqlRow>(text: string, ...values: SqlValue[]) => {
      const rows = await sql.all<Row>(text, ...values);
      if (text.includes('from evidence_statement')) await recordRefused(desk, sampleTask('task_9', 'denied'));
      return rows;
    },
    run: (text, ...values) => sql.run(text, ...values),
    tx: (body) => sql.tx(body),
    close: () => sql.close(),
  };
  const parts = { store: evidenceLog, statements: evidenceStatements, key: desk.log.key };

  expect(await auditLog(busy, parts)).toMatchObject({ ok: true, size: 12, failures: [] });
});

test('an empty log is in order', async () => {
  const empty = await openDesk();

  const found = await auditLog(empty.sql, { store: evidenceLog, statements: evidenceStatements, key: empty.log.key });
  await empty.close();

  expect(found).toMatchObject({ ok: true, size: 0 });
});

test('an entry that was removed is missed', async () => {
  await desk.sql.run('delete from evidence_entry where leaf = 4');

  expect(await codes()).toEqual([['ENTRY_MISSING', 4]]);
});

test('an entry that was edited is found', async () => {
  await desk.sql.run(`update evidence_entry set body = replace(body, 'hashedrekord', 'dsse') where leaf = 3`);

  expect(await codes()).toEqual([['ENTRY_EDITED', 3]]);
});

test('an entry that was edited together with its hash does not fit its checkpoint', async () => {
  const { leafHash } = await import('./hash.ts');
  await desk.sql.run(`update evidence_entry set body = 'x', leaf_hash = $1 where leaf = 3`, leafHash('x'));

  expect(await codes()).toEqual([['ROOT_MISMATCH', 3]]);
});

test('two entries that changed places are found', async () => {
  for (const [from, to] of [
    [2, 99],
    [5, 2],
    [99, 5],
  ]) {
    await desk.sql.run('update evidence_entry set leaf = $1 where leaf = $2', to!, from!);
  }

  expect(await codes()).toEqual([['ROOT_MISMATCH', 2]]);
});

test('the last entries cannot be cut off while their statements are there', async () => {
  const before = await openDesk(desk);
  await recordRefused(before, sampleTask('task_1', 'denied'));
  const head = await before.sql.tx((tx) => evidenceLog.head(tx));
  await before.close();
  await desk.sql.run('delete from evidence_entry where leaf >= $1', head.size);
  await desk.sql.run('update evidence_log set size = $1, frontier = $2', head.size, JSON.stringify(head.frontier));

  expect(await codes()).toEqual([['ENTRY_MISSING', head.size]]);
});

test('a log that was rewritten with its own key is told by a checkpoint kept elsewhere', async () => {
  const kept = await checkpoint();
  const rewritten = await openDesk(desk);
  await recordLanded(rewritten, sampleTask('task_2'), sampleChange());
  const short = await auditLog(
    rewritten.sql,
    { store: evidenceLog, statements: evidenceStatements, key: desk.log.key },
    [kept],
  );
  await recordRefused(rewritten, sampleTask('task_1', 'denied'));
  const reordered = await auditLog(
    rewritten.sql,
    { store: evidenceLog, statements: evidenceStatements, key: desk.log.key },
    [kept],
  );
  await rewritten.close();

  expect(short.failures).toMatchObject([{ code: 'NOT_A_CONTINUATION', index: 6 }]);
  expect(reordered.failures).toMatchObject([{ code: 'NOT_A_CONTINUATION', index: 9 }]);
});

test('a checkpoint that the log did not sign is found, stored or given', async () => {
  expect(await codes(['nonsense'])).toEqual([['CHECKPOINT_UNSIGNED', 0]]);
  await desk.sql.run(`update evidence_entry set checkpoint = replace(checkpoint, '—', '-') where leaf = 1`);
  expect(await codes()).toEqual([['CHECKPOINT_UNSIGNED', 1]]);
});

test('a statement that was removed or exchanged is found', async () => {
  await desk.sql.run(
    'update evidence_statement set bundle = (select bundle from evidence_statement where leaf = 1) where leaf = 2',
  );
  await desk.sql.run('delete from evidence_statement where leaf = 0');

  expect(await codes()).toEqual([
    ['STATEMENT_MISSING', 0],
    ['STATEMENT_UNLOGGED', 2],
  ]);
});

test('a stored subtree or head that does not fit the entries is found', async () => {
  await desk.sql.run(`update evidence_node set hash = '00' where level = 2 and idx = 1`);
  await desk.sql.run(`update evidence_log set frontier = '[]'`);

  expect(await codes()).toEqual([
    ['SUBTREE_WRONG', 7],
    ['SUBTREE_WRONG', 9],
  ]);
});
