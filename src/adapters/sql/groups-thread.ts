import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#kernel/clock.ts';
import type { GroupAnswer, GroupMessage } from './groups.ts';
import { SqliteSql } from './sqlite.ts';

// The thread of Groups: one connection, one transaction after another in the order in which they were asked for.
const sql = await SqliteSql.open({ path: String(workerData), synchronous: 'NORMAL', clock: systemClock });

parentPort?.on('message', (message: GroupMessage | 'close') => {
  if (message === 'close') {
    void sql.close().then(() => parentPort?.close());
    return;
  }
  const { id, statements } = message;
  const answer = (failed: boolean): void => parentPort?.postMessage({ id, failed } satisfies GroupAnswer);
  sql
    .tx(async (tx) => {
      for (const { text, values } of statements) await tx.run(text, ...values);
    })
    .then(
      () => answer(false),
      () => answer(true),
    );
});
