import { afterAll, beforeAll, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { evidenceLog, evidenceStatements, type StoreLocation } from '#adapters/sql/index.ts';
import { auditLog, verifyFiles } from '#evidence/index.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';
import { type Desk, type DeskKeys, exported, newKeys, openDesk } from '../evidence/desk.ts';
import { recordLanded, recordRefused, sampleChange, sampleTask } from '../evidence/sample.ts';

describe.each(ENGINES)('%s', (engine) => {
  let places: StorePlaces | undefined;
  let location: StoreLocation;
  let keys: DeskKeys;
  const open: Desk[] = [];

  beforeAll(async () => {
    places = await startEngine(engine);
  });

  afterAll(async () => {
    await places?.stop();
  });

  beforeEach(() => {
    keys = newKeys();
    if (places !== undefined) location = places.next();
    return async () => {
      for (const desk of open.splice(0)) await desk.close();
    };
  });

  /** Another process, as far as the database can tell. */
  async function desk(context: TestContext): Promise<Desk> {
    if (places === undefined) context.skip('no engine');
    const another = await openDesk(keys, location);
    open.push(another);
    return another;
  }

  const audit = ({ sql, log }: Desk) =>
    auditLog(sql, { store: evidenceLog, statements: evidenceStatements, key: log.key });

  test('what one process recorded, another one exports and verifies after a restart', async (context) => {
    const writer = await desk(context);
    await recordLanded(writer, sampleTask(), sampleChange());
    await writer.close();
    const reader = await desk(context);

    const files = await exported(reader, {
      dossier: { task: sampleTask().id, attempt: 1 },
      patch: sampleChange().patch,
    });
    expect(verifyFiles(files, { pinnedKey: keys.signer.publicKeyPem })).toMatchObject({ ok: true, statements: 6 });
    expect(await audit(reader)).toMatchObject({ ok: true, size: 6 });
  });

  test('many processes that write at once make one log without gaps', async (context) => {
    const desks = await Promise.all([1, 2, 3, 4].map(() => desk(context)));
    const tasks = Array.from({ length: 24 }, (_, index) => sampleTask(`task_${index}`, 'denied'));

    await Promise.all(tasks.map((task, index) => recordRefused(desks[index % desks.length]!, task)));

    expect(await audit(desks[0]!)).toMatchObject({ ok: true, size: 72 });
  });

  test('several processes that replay the same end of a task leave it once', async (context) => {
    const desks = await Promise.all([1, 2, 3].map(() => desk(context)));

    await Promise.all(desks.map((each) => recordRefused(each, sampleTask('task_1', 'denied'))));

    expect(await audit(desks[0]!)).toMatchObject({ ok: true, size: 3 });
  });

  test('a transaction that fails after recording leaves the log as it was', async (context) => {
    const only = await desk(context);
    await recordRefused(only, sampleTask('task_1', 'denied'));
    const failing = only.sql.tx(async (tx) => {
      await only.log.append(tx, 'lost');
      throw new Error('fenced');
    });

    await expect(failing).rejects.toThrow('fenced');
    expect(await audit(only)).toMatchObject({ ok: true, size: 3 });
  });
});
