import { expect, test } from 'vitest';
import { verifyFiles } from '#evidence/index.ts';
import { seededRandom } from '#kernel/random.ts';
import { sized } from '../size.ts';
import { exported, newKeys, openDesk } from './desk.ts';
import { recordLanded, recordRefused, sampleChange, sampleTask } from './sample.ts';

const EDITS = sized(200, 1000);
const STRIDE = sized(64, 8);

test.each(['ed25519', 'ecdsa-p256-sha256'] as const)(
  `${EDITS} random one-byte edits of an exported folder signed with %s are all refused`,
  async (algorithm) => {
    const desk = await openDesk(newKeys(algorithm));
    const change = sampleChange();
    await recordRefused(desk, sampleTask('task_1', 'denied'));
    await recordLanded(desk, sampleTask('task_2'), change);
    const dossier = { task: sampleTask('task_2').id, attempt: 1 };
    const files = await exported(desk, { dossier, patch: change.patch });
    await desk.close();
    const names = [...files.keys()];
    const random = seededRandom(20);
    const accepted: string[] = [];
    const codes = new Map<string, number>();

    for (let edit = 0; edit < EDITS; edit++) {
      const name = names[random.integer(names.length)]!;
      const bytes = Buffer.from(files.get(name)!);
      const at = random.integer(bytes.length);
      bytes[at]! ^= 1 + random.integer(255);
      const { ok, failures } = verifyFiles(new Map([...files, [name, bytes]]), { pinnedKey: desk.signer.publicKeyPem });
      if (ok) accepted.push(`${name} at byte ${at}`);
      for (const { code } of failures) codes.set(code, (codes.get(code) ?? 0) + 1);
    }

    expect(accepted).toEqual([]);
    expect(codes.size).toBeGreaterThanOrEqual(10);
  },
);

test(`a bit turned in every ${STRIDE}th byte of every file is refused`, async () => {
  const desk = await openDesk();
  const task = sampleTask('task_1', 'denied');
  await recordRefused(desk, task);
  const files = await exported(desk, { dossier: { task: task.id, attempt: 1 } });
  await desk.close();
  const accepted: string[] = [];

  for (const [name, original] of files) {
    for (let at = original.length - 1; at >= 0; at -= STRIDE) {
      const bytes = Buffer.from(original);
      bytes[at]! ^= 0x20; // exchanges upper and lower case: the edit that readers overlook
      const { ok } = verifyFiles(new Map([...files, [name, bytes]]), { pinnedKey: desk.signer.publicKeyPem });
      if (ok) accepted.push(`${name} at byte ${at}`);
    }
  }

  expect(accepted).toEqual([]);
});
