import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { systemRandom } from '#kernel/random.ts';
import { DataKeys } from './data-keys.ts';
import { readSymmetricKey } from './envelope.ts';
import { beginNewMasterKey, endOldMasterKey } from './master-keys.ts';

let root: string;
let data: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maestro-data-keys-'));
  data = join(root, 'keys', 'data');
  file = join(root, 'keys', 'master.key');
  return () => rmSync(root, { recursive: true, force: true });
});

const keys = (dir = data) => new DataKeys({ dir, master: { file, make: true }, random: systemRandom });
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test('what one process seals another opens; equal texts look different, and each owner has a key of its own', () => {
  const one = keys();

  const sealed = [one.seal({ owner: 'atlas', text: 'zéro' }), one.seal({ owner: 'atlas', text: 'zéro' })];
  const other = one.seal({ owner: 'borea', text: 'zéro' });

  expect([...sealed, other].map((text) => keys().open(text))).toEqual(['zéro', 'zéro', 'zéro']);
  expect(new Set([...sealed, other]).size).toBe(3);
  expect(readdirSync(data).sort()).toEqual(['atlas.key', 'borea.key']);
  expect([statSync(join(data, 'atlas.key')).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o600, 0o600]);
});

test('a text that was changed, or is said to be of another owner, does not open', () => {
  const ring = keys();
  ring.seal({ owner: 'borea', text: '' });
  const [, id = '', box = ''] = ring.seal({ owner: 'atlas', text: 'x'.repeat(40) }).split(':');
  const at = Math.floor(box.length / 2);
  const edited = box.slice(0, at) + (box[at] === 'A' ? 'B' : 'A') + box.slice(at + 1);

  expect(codeOf(() => ring.open(`atlas:${id}:${edited}`))).toBe('SEAL_BROKEN');
  expect(codeOf(() => ring.open(`borea:${id}:${box}`))).toBe('DATA_KEY_MISSING');
  expect(codeOf(() => ring.open(`carla:${id}:${box}`))).toBe('DATA_KEY_MISSING');
});

test('after shredding nothing of the owner opens, in any process, and what comes later is the installation’s', () => {
  const [one, other] = [keys(), keys()];
  const sealed = one.seal({ owner: 'atlas', text: 'secret' });
  expect(other.open(sealed)).toBe('secret');

  one.shred('atlas');
  one.shred('atlas');

  expect([one.open(sealed), other.open(sealed)]).toEqual(['{}', '{}']);
  const late = other.seal({ owner: 'atlas', text: 'a refusal' });
  expect([late.split(':')[0], one.open(late)]).toEqual(['_installation', 'a refusal']);
  expect(readdirSync(data).sort()).toEqual(['_installation.key', 'atlas.shredded']);
});

test('a new master key opens what the old one wrapped, wherever a crash cut the change short; the old one opens nothing', () => {
  const sealed = ['atlas', 'borea'].map((owner) => keys().seal({ owner, text: owner }));
  cpSync(join(root, 'keys'), join(root, 'copy'), { recursive: true });
  const opens = () => sealed.map((text) => keys().open(text));
  const old = readFileSync(file, 'utf8');

  beginNewMasterKey(file, systemRandom);
  expect(opens()).toEqual(['atlas', 'borea']);
  expect([keys().rewrap(), keys().rewrap()]).toEqual([2, 0]);
  expect(opens()).toEqual(['atlas', 'borea']);
  endOldMasterKey(file, systemRandom);
  expect(keys().rotate()).toBe(2);

  expect(opens()).toEqual(['atlas', 'borea']);
  expect(readFileSync(file, 'utf8')).not.toBe(old);
  expect(readdirSync(join(root, 'keys')).sort()).toEqual(['data', 'master.key']);
  const withOld = new DataKeys({ dir: data, master: { text: old, from: 'test' }, random: systemRandom });
  expect(codeOf(() => withOld.open(sealed[0] ?? ''))).toBe('MASTER_KEY_WRONG');
});

test('a master key that others keep wraps anew what the one before it wrapped', () => {
  const sealed = keys().seal({ owner: 'atlas', text: 'x' });
  const old = readSymmetricKey(readFileSync(file, 'utf8'))!;
  const given = { text: Buffer.from(systemRandom.bytes(32)).toString('base64'), from: 'secrets.masterKey' };
  const ring = new DataKeys({ dir: data, master: given, random: systemRandom });

  expect(codeOf(() => ring.open(sealed))).toBe('MASTER_KEY_WRONG');
  expect(ring.rewrap([old])).toBe(1);

  expect(ring.open(sealed)).toBe('x');
});

test.each(['', 'nonsense', Buffer.alloc(16).toString('base64')])('"%s" is no master key', (text) => {
  keys().seal({ owner: 'atlas', text: 'x' });
  writeFileSync(file, text, { mode: 0o600 });

  expect(codeOf(() => keys().seal({ owner: 'borea', text: 'x' }))).toBe('KEY_CORRUPT');
});

test('a master key that was lost is not made anew while there are keys that it wrapped', () => {
  const sealed = keys().seal({ owner: 'atlas', text: 'x' });
  rmSync(file);

  expect(codeOf(() => keys().open(sealed))).toBe('KEY_UNREADABLE');
  expect(codeOf(() => keys().seal({ owner: 'borea', text: 'x' }))).toBe('KEY_UNREADABLE');
});

test('a master key of the company’s own is never made in its place', () => {
  const ring = new DataKeys({ dir: data, master: { file: join(root, 'none'), make: false }, random: systemRandom });

  expect(codeOf(() => ring.seal({ owner: 'atlas', text: 'x' }))).toBe('KEY_UNREADABLE');
});
