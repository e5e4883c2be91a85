import { createPublicKey, verify } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { systemRandom } from '#kernel/random.ts';
import { openKey } from './key-folder.ts';

let dir: string;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'maestro-keys-'));
  dir = join(root, 'keys');
  return () => rmSync(root, { recursive: true, force: true });
});

const open = (algorithm: 'ed25519' | 'ecdsa-p256-sha256' = 'ed25519') =>
  openKey({ dir, name: 'signer', algorithm, random: systemRandom });
const path = () => join(dir, 'signer.pem');

test.each(['ed25519', 'ecdsa-p256-sha256'] as const)(
  'an %s key is made once, for the owner alone, and signs',
  async (algorithm) => {
    const made = await open(algorithm);
    const again = await open('ed25519');

    expect(again).toMatchObject({ keyId: made.keyId, algorithm, publicKeyPem: made.publicKeyPem });
    expect([statSync(path()).mode & 0o777, statSync(dir).mode & 0o777]).toEqual([0o600, 0o700]);
    const digest = algorithm === 'ed25519' ? null : 'sha256';
    const signature = await made.sign(Buffer.from('text'));
    expect(verify(digest, Buffer.from('text'), createPublicKey(made.publicKeyPem), signature)).toBe(true);
  },
);

test('many that open at once get one key, and leave no drafts', async () => {
  const signers = await Promise.all(Array.from({ length: 20 }, () => open()));

  expect(new Set(signers.map(({ keyId }) => keyId)).size).toBe(1);
  expect(readdirSync(dir)).toEqual(['signer.pem']);
});

test.each([0o640, 0o604, 0o666])('a key file of mode %i is refused, since others may have read it', async (mode) => {
  await open();
  chmodSync(path(), mode);

  await expect(open()).rejects.toMatchObject({ code: 'KEY_EXPOSED', details: { mode } });
});

test.each(['', 'nonsense', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])(
  'a file that holds "%s" is not overwritten: it is an error with a cure',
  async (text) => {
    mkdirSync(dir);
    writeFileSync(path(), text, { mode: 0o600 });

    await expect(open()).rejects.toMatchObject({ code: 'KEY_CORRUPT', cure: expect.stringContaining('backup') });
  },
);

test('a link in the place of the key is refused', async () => {
  mkdirSync(dir);
  symlinkSync('/dev/null', path());

  await expect(open()).rejects.toMatchObject({ code: 'KEY_CORRUPT' });
});

test('a folder that cannot be made is an error that names the file', async () => {
  writeFileSync(dir, '');

  await expect(open()).rejects.toMatchObject({ code: 'KEY_UNREADABLE', details: { path: path() } });
});
