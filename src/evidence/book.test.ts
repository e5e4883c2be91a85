import { beforeEach, expect, test } from 'vitest';
import { newKeys, openDesk, type Desk } from '../../test/evidence/desk.ts';
import {
  recordLanded,
  recordRefused,
  sampleCard,
  sampleChange,
  sampleClosing,
  sampleTask,
} from '../../test/evidence/sample.ts';
import { readBundle } from './bundle.ts';
import { decisionCardStatement } from './predicates/decision-card.ts';
import type { Summary } from './predicates/summary.ts';
import { readStatement, type Statement } from './statement.ts';
import { taskSubject } from './subject.ts';

const task = sampleTask('task_1', 'denied');
const dossier = { task: task.id, attempt: 1 };
const subject = taskSubject(task);
const card = decisionCardStatement(subject, sampleCard(task));
const entry = { dossier, name: 'decision-card', statement: card };
let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
  return () => desk.close();
});

function summaryOf(bundle: string): { statement: Statement; summary: Summary } {
  const statement = readStatement(readBundle(bundle)!.payload)!;
  return { statement, summary: statement.predicate as Summary };
}

test('recording a statement again gives the same one and no second log entry', async () => {
  const first = await desk.sql.tx((tx) => desk.book.record(tx, entry));
  const second = await desk.sql.tx((tx) => desk.book.record(tx, entry));

  expect(second).toEqual(first);
  expect(await desk.sql.tx((tx) => desk.log.checkpoint(tx))).toContain('\n1\n');
});

test('with P-256, whose signatures differ each time, it is the same one too', async () => {
  await desk.close();
  desk = await openDesk(newKeys('ecdsa-p256-sha256'));
  const first = await desk.sql.tx((tx) => desk.book.record(tx, entry));

  expect(await desk.sql.tx((tx) => desk.book.record(tx, entry))).toEqual(first);
});

test('another statement under a name that is taken is a conflict', async () => {
  const other = decisionCardStatement(subject, { ...sampleCard(task), title: 'Other' });
  await desk.sql.tx((tx) => desk.book.record(tx, entry));

  await expect(desk.sql.tx((tx) => desk.book.record(tx, { ...entry, statement: other }))).rejects.toMatchObject({
    code: 'STATEMENT_CONFLICT',
    details: { task: 'task_1', attempt: 1, name: 'decision-card' },
  });
});

test.each(['../card', 'decision-card-1', 'notes', ''])('"%s" is no name for a statement', async (name) => {
  const recorded = desk.sql.tx((tx) => desk.book.record(tx, { ...entry, name }));

  await expect(recorded).rejects.toMatchObject({ code: 'STATEMENT_INVALID' });
});

test.each([
  ['of another kind than its name', { ...card, predicateType: 'https://slsa.dev/provenance/v1' }],
  ['with half a predicate', { ...card, predicate: { card: {} } }],
  ['about nothing', { ...card, subject: [] }],
  ['with an empty digest', { ...card, subject: [{ name: 'x', digest: { sha256: '' } }] }],
])('a statement %s is refused before it is signed', async (_, statement) => {
  const recorded = desk.sql.tx((tx) => desk.book.record(tx, { ...entry, statement }));

  await expect(recorded).rejects.toMatchObject({ code: 'STATEMENT_INVALID' });
});

test('a transaction that rolls back leaves neither statement nor log entry', async () => {
  await expect(
    desk.sql.tx(async (tx) => {
      await desk.book.record(tx, entry);
      throw new Error('crash');
    }),
  ).rejects.toThrow('crash');

  expect(await desk.sql.tx((tx) => desk.book.statements(tx, dossier))).toEqual([]);
  expect(await desk.sql.tx((tx) => desk.log.checkpoint(tx))).toBeUndefined();
});

test('the summary lists every other statement by digest, and names task, end and log', async () => {
  const landed = sampleTask('task_2');
  await recordLanded(desk, landed, sampleChange());
  const stored = await desk.sql.tx((tx) => desk.book.statements(tx, { task: landed.id, attempt: 1 }));

  const { summary } = summaryOf(stored.at(-1)!.bundle);
  expect(summary.inputAttestations).toEqual(
    stored.slice(0, -1).map(({ name, digest }) => ({ uri: `${name}.sigstore.json`, digest: { sha256: digest } })),
  );
  expect(summary).toMatchObject({
    verificationResult: 'PASSED',
    verifiedLevels: ['MAESTRO_LANDED_AS_TESTED'],
    maestro_task: { id: 'task_2', attempt: 1, state: 'landed' },
    maestro_log: { logId: desk.log.key.logId },
  });
});

test('the summary of a task that was refused says FAILED and claims no level', async () => {
  await recordRefused(desk, task);
  const stored = await desk.sql.tx((tx) => desk.book.statements(tx, dossier));

  const { statement, summary } = summaryOf(stored.at(-1)!.bundle);
  expect(summary).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] });
  expect(statement.subject).toEqual([subject]);
});

test('the summary vouches for every subject that its statements are about, the main one first', async () => {
  const other = { name: 'proposed', digest: { gitTree: 'a'.repeat(40) } };
  const stored = await desk.sql.tx(async (tx) => {
    await desk.book.record(tx, { ...entry, statement: { ...card, subject: [other] } });
    return desk.book.close(tx, subject, sampleClosing(task));
  });

  expect(summaryOf(stored.bundle).statement.subject).toEqual([subject, other]);
});

test('closing twice gives one summary; recording after it is refused', async () => {
  await recordRefused(desk, task);
  await recordRefused(desk, task);

  expect(await desk.sql.tx((tx) => desk.book.statements(tx, dossier))).toHaveLength(3);
  await expect(desk.sql.tx((tx) => desk.book.record(tx, { ...entry, name: 'decision-card-2' }))).rejects.toMatchObject({
    code: 'DOSSIER_CLOSED',
  });
});

test('a landed task cannot be closed while a statement is missing that its landing needs', async () => {
  const landed = sampleTask('task_3');
  const closing = desk.sql.tx(async (tx) => {
    await desk.book.record(tx, { ...entry, dossier: { task: landed.id, attempt: 1 } });
    return desk.book.close(tx, taskSubject(landed), sampleClosing(landed));
  });

  await expect(closing).rejects.toMatchObject({
    code: 'DOSSIER_INCOMPLETE',
    details: { missing: ['provenance', 'test-result', 'policy-decisions', 'landing'] },
  });
});

test('a retried task starts the next dossier', async () => {
  await recordRefused(desk, task);
  expect(await desk.sql.tx((tx) => desk.book.lastAttempt(tx, task.id))).toBe(1);

  await desk.sql.tx((tx) => desk.book.record(tx, { ...entry, dossier: { task: task.id, attempt: 2 } }));

  expect(await desk.sql.tx((tx) => desk.book.lastAttempt(tx, task.id))).toBe(2);
});
