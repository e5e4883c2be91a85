import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evidenceFolders } from '#adapters/files/index.ts';
import { verifyDirectory } from '#evidence/index.ts';
import { verifyWithOpenssl, verifyWithSigstore } from './others.ts';

// Exported by the version before log entries became `hashedrekord`: an Ed25519 key, entries `dsse` 0.0.2.
const FOLDER = fileURLToPath(new URL('../fixtures/evidence-before-hashedrekord', import.meta.url));
const key = join(FOLDER, 'signer.pem');
const pinnedKey = readFileSync(key, 'utf8');

test('evidence of the version before verifies as it did', async () => {
  const trustedRoot = readFileSync(join(FOLDER, 'trusted_root.json'), 'utf8');

  expect((await verifyDirectory(evidenceFolders, FOLDER, { pinnedKey })).failures).toEqual([]);
  expect(verifyWithSigstore(FOLDER, { key, trustedRoot })).toBe(3);
  expect(await verifyWithOpenssl(FOLDER, { key, trustedRoot })).toContain('OK');
});

test.each([
  ['"kind":"dsse"', '"kind":"hashedrekord"', 'INCLUSION_INVALID'],
  ['"kind":"dsse"', '"kind":"intoto"', 'BUNDLE_MALFORMED'],
])('an entry %s that says %s is refused: %s', async (from, to, code) => {
  const copy = mkdtempSync(join(tmpdir(), 'maestro-earlier-'));
  cpSync(FOLDER, copy, { recursive: true });
  const file = join(copy, 'decision-card.sigstore.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

  const { failures } = await verifyDirectory(evidenceFolders, copy, { pinnedKey });

  expect(failures).toContainEqual(expect.objectContaining({ code, statement: 'decision-card' }));
  rmSync(copy, { recursive: true });
});
