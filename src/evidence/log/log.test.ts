import { beforeEach, expect, test } from 'vitest';
import { openDesk, type Desk } from '../../../test/evidence/desk.ts';
import { plainLeaf, plainPath, plainProof, plainRoot } from '../../../test/evidence/rfc6962.ts';
import { openCheckpoint } from './checkpoint.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
  return () => desk.close();
});

const bodies = Array.from({ length: 21 }, (_, index) => `body ${index}`);
const leaves = bodies.map((body) => plainLeaf(Buffer.from(body)));
const appendAll = () =>
  desk.sql.tx(async (tx) => {
    for (const body of bodies) await desk.log.append(tx, body);
  });

test('every entry comes with the signed state of the log that it completes, and a proof', async () => {
  for (const [index, body] of bodies.entries()) {
    const { entry, root, path } = await desk.sql.tx((tx) => desk.log.append(tx, body));
    const so = leaves.slice(0, index + 1);

    expect(entry).toMatchObject({ index, body, leafHash: leaves[index] });
    expect(openCheckpoint(entry.checkpoint, desk.log.key)).toMatchObject({ size: index + 1, root: plainRoot(so) });
    expect({ root, path }).toEqual({ root: plainRoot(so), path: plainPath(index, so) });
  }
});

test('appending a body that is there already gives its entry as it was', async () => {
  const first = await desk.sql.tx(async (tx) => {
    for (const body of bodies.slice(0, 12)) await desk.log.append(tx, body);
    return desk.log.append(tx, bodies[12]!);
  });
  await appendAll();

  expect(await desk.sql.tx((tx) => desk.log.append(tx, bodies[12]!))).toEqual(first);
  expect(await desk.sql.tx((tx) => desk.log.checkpoint(tx))).toContain(`\n${bodies.length}\n`);
});

test('who holds an earlier checkpoint gets the proof of RFC 6962 that the log continues it', async () => {
  const notes = await desk.sql.tx(async (tx) => {
    const appended = [];
    for (const body of bodies) appended.push(await desk.log.append(tx, body));
    return appended.map(({ entry }) => entry.checkpoint);
  });

  for (const [index, note] of notes.entries()) {
    const { size, hashes } = await desk.sql.tx((tx) => desk.log.consistency(tx, note));
    expect({ size, hashes }).toEqual({ size: index + 1, hashes: plainProof(index + 1, leaves) });
  }
});

test('a checkpoint of another history is unknown to the log', async () => {
  const other = await openDesk(desk);
  const note = await other.sql.tx(async (tx) => (await other.log.append(tx, 'other')).entry.checkpoint);
  await other.close();
  await appendAll();

  await expect(desk.sql.tx((tx) => desk.log.consistency(tx, note))).rejects.toMatchObject({
    code: 'CHECKPOINT_UNKNOWN',
  });
  await expect(desk.sql.tx((tx) => desk.log.consistency(tx, 'x'))).rejects.toMatchObject({
    code: 'CHECKPOINT_UNKNOWN',
  });
});
