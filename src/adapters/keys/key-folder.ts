import { join } from 'node:path';
import type { Signer } from '#evidence/ports.ts';
import type { Random } from '#kernel/random.ts';
import { KeyError } from './errors.ts';
import { makePrivateFile, readPrivateFile } from './private-file.ts';
import { newPrivateKey, signerFromPem } from './signer.ts';

export interface KeyRequest {
  /** Folder of keys, made with mode 0700 when it is not there. */
  readonly dir: string;
  /** File name without ending: `signer`, `log`. */
  readonly name: string;
  /** What kind to make when there is none; a key that is there is used whatever its kind. */
  readonly algorithm: Signer['algorithm'];
  readonly random: Random;
}

/**
 * The private key of this name, made with mode 0600 when there is none. Processes that start at once get the same key.
 * Throws KEY_EXPOSED when others may read it, KEY_CORRUPT when it is no such key, KEY_UNREADABLE when it is out of reach.
 */
export async function openKey({ dir, name, algorithm, random }: KeyRequest): Promise<Signer> {
  const path = join(dir, `${name}.pem`);
  if (readPrivateFile(path) === undefined) makePrivateFile(path, newPrivateKey(algorithm), random);
  const pem = readPrivateFile(path) ?? '';
  try {
    return signerFromPem(pem);
  } catch (cause) {
    throw new KeyError('KEY_CORRUPT', `${path} holds no private key of Ed25519 or P-256`, { path }, cause);
  }
}
