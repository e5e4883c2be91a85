import { link, lstat, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '#evidence/ports.ts';
import type { Random } from '#kernel/random.ts';
import { KeyError } from './errors.ts';
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
export async function openKey(request: KeyRequest): Promise<Signer> {
  const path = join(request.dir, `${request.name}.pem`);
  try {
    await mkdir(request.dir, { recursive: true, mode: 0o700 });
    if (!(await exists(path))) await make(path, request);
    return await read(path);
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    throw new KeyError('KEY_UNREADABLE', `cannot read or make the key ${path}`, { path }, cause);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return false;
    throw cause;
  }
}

/** The file appears under its name only when it is complete and on disk; whoever links first wins. */
async function make(path: string, { algorithm, random }: KeyRequest): Promise<void> {
  const draft = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.draft`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(newPrivateKey(algorithm));
    await file.sync();
    await link(draft, path);
  } catch (cause) {
    if (!isErrno(cause, 'EEXIST')) throw cause;
  } finally {
    await file.close();
    await unlink(draft);
  }
}

async function read(path: string): Promise<Signer> {
  const status = await lstat(path);
  if (!status.isFile()) throw new KeyError('KEY_CORRUPT', `${path} is not a file`, { path });
  const mode = status.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new KeyError('KEY_EXPOSED', `${path} has mode 0${mode.toString(8)}, others may read it`, { path, mode });
  }
  const pem = await readFile(path, 'utf8');
  try {
    return signerFromPem(pem);
  } catch (cause) {
    throw new KeyError('KEY_CORRUPT', `${path} holds no private key of Ed25519 or P-256`, { path }, cause);
  }
}

function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
