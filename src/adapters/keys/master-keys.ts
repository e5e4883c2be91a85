import type { Random } from '#kernel/random.ts';
import { newSymmetricKey, readSymmetricKey, type SymmetricKey } from './envelope.ts';
import { KeyError } from './errors.ts';
import { makePrivateFile, readPrivateFile, removePrivateFile, replacePrivateFile } from './private-file.ts';

/** Where the master key is: in a file, made there if it may be, or given as text by whoever keeps keys for the company. */
export type MasterKeyPlace =
  | { readonly file: string; readonly make: boolean }
  | { readonly text: string; readonly from: string };

/**
 * The master keys that there are, the one to wrap with first; two while a change of keys is under way.
 * Throws KEY_CORRUPT, KEY_EXPOSED and KEY_UNREADABLE.
 */
export function masterKeys(place: MasterKeyPlace, random: Random): readonly SymmetricKey[] {
  if ('text' in place) return [parsed(place.text, place.from)];
  const { file, make } = place;
  const next = readPrivateFile(nextOf(file));
  let now = readPrivateFile(file);
  if (now === undefined && next === undefined && make) {
    makePrivateFile(file, textOf(newSymmetricKey(random)), random);
    now = readPrivateFile(file);
  }
  const keys = [
    ...(next === undefined ? [] : [parsed(next, nextOf(file))]),
    ...(now === undefined ? [] : [parsed(now, file)]),
  ];
  if (keys.length === 0) throw new KeyError('KEY_UNREADABLE', `there is no master key in ${file}`, { path: file });
  return keys;
}

/** Puts a new key beside the one in the file, to be wrapped with from now on; goes on with one that is there already. */
export function beginNewMasterKey(file: string, random: Random): void {
  makePrivateFile(nextOf(file), textOf(newSymmetricKey(random)), random);
}

/** The new key takes the place of the old one, which is gone for good. */
export function endOldMasterKey(file: string, random: Random): void {
  const next = readPrivateFile(nextOf(file));
  if (next === undefined) return;
  removePrivateFile(file);
  replacePrivateFile(file, next, random);
  removePrivateFile(nextOf(file));
}

function nextOf(file: string): string {
  return `${file}.next`;
}

function textOf({ bytes }: SymmetricKey): string {
  return `${Buffer.from(bytes).toString('base64')}\n`;
}

function parsed(text: string, where: string): SymmetricKey {
  const key = readSymmetricKey(text);
  if (key !== undefined) return key;
  throw new KeyError('KEY_CORRUPT', `${where} holds no master key (base64 of 32 bytes)`, { path: where });
}
