import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { newPrivateKey, signerFromPem } from '#adapters/keys/index.ts';
import { publicKeyFromPem } from '../public-key.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { logKey, noteKeyHash } from './log-key.ts';

const signer = signerFromPem(newPrivateKey('ed25519'));
const log = logKey(publicKeyFromPem(signer.publicKeyPem));
const checkpoint = { origin: log.origin, size: 7, root: 'ab'.repeat(32) };

function cosigned(note: string, key: KeyObject): string {
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const value = Buffer.concat([Buffer.of(1, 2, 3, 4), sign(null, Buffer.from(text), key)]).toString('base64');
  return `${note}— witness.example ${value}\n`;
}

test('the key id of the example note of Go is the one it says', () => {
  const [name, id, key] = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'.split('+');

  expect(noteKeyHash(name!, Buffer.from(key!, 'base64').subarray(1)).slice(0, 8)).toBe(id);
});

test('a checkpoint is origin, size and root, a blank line and the signature of the log', async () => {
  const note = await signCheckpoint(checkpoint, log, signer);

  const [origin, size, root, blank, signature, end] = note.split('\n');
  expect([origin, size, blank, end]).toEqual([log.origin, '7', '', '']);
  expect(Buffer.from(root!, 'base64').toString('hex')).toBe(checkpoint.root);
  const [dash, name, value] = signature!.split(' ');
  expect([dash, name]).toEqual(['—', log.origin]);
  expect(Buffer.from(value!, 'base64').subarray(0, 4).toString('hex')).toBe(log.logId.slice(0, 8));
  expect(openCheckpoint(note, log)).toEqual(checkpoint);
});

test('lines of witnesses beside the signature of the log do no harm, and alone do not suffice', async () => {
  const witness = generateKeyPairSync('ed25519').privateKey;
  const note = await signCheckpoint(checkpoint, log, signer);
  const witnessed = cosigned(note, witness);

  expect(openCheckpoint(witnessed, log)).toEqual(checkpoint);
  expect(openCheckpoint(witnessed.replace(/— [0-9a-f]+\.log.*\n/, ''), log)).toBeUndefined();
});

test.each([
  ['another size', (note: string) => note.replace('\n7\n', '\n8\n')],
  ['a size with a leading zero', (note: string) => note.replace('\n7\n', '\n07\n')],
  ['another root', (note: string) => note.replace(/\n[A-Za-z0-9+/]{2}/, '\nAA')],
  ['another origin', (note: string) => note.replace(/^./, 'z')],
  ['an extra line', (note: string) => note.replace('\n\n', '\nextra\n\n')],
  ['no last line end', (note: string) => note.slice(0, -1)],
  ['no blank line', (note: string) => note.replace('\n\n', '\n')],
  ['nothing', () => ''],
])('a note with %s is not a checkpoint of the log', async (_, change) => {
  const note = await signCheckpoint(checkpoint, log, signer);

  expect(openCheckpoint(change(note), log)).toBeUndefined();
});

test('a checkpoint of another log is not one of this log', async () => {
  const other = signerFromPem(newPrivateKey('ed25519'));
  const otherLog = logKey(publicKeyFromPem(other.publicKeyPem));

  expect(
    openCheckpoint(await signCheckpoint({ ...checkpoint, origin: otherLog.origin }, otherLog, other), log),
  ).toBeUndefined();
  expect(openCheckpoint(await signCheckpoint(checkpoint, log, other), log)).toBeUndefined();
});

test('a log key that is not Ed25519 is refused', () => {
  const p256 = signerFromPem(newPrivateKey('ecdsa-p256-sha256'));

  expect(() => logKey(publicKeyFromPem(p256.publicKeyPem))).toThrow(/must be Ed25519/);
});
