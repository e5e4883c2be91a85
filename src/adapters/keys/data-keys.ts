import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '#kernel/random.ts';
import type { Sealed } from '#kernel/sql.ts';
import { decrypt, encrypt, newSymmetricKey, readSymmetricKey, type SymmetricKey } from './envelope.ts';
import { KeyError } from './errors.ts';
import { beginNewMasterKey, endOldMasterKey, type MasterKeyPlace, masterKeys } from './master-keys.ts';
import { makePrivateFile, readPrivateFile, removePrivateFile, replacePrivateFile } from './private-file.ts';

/** Owner of what belongs to no tenant; no tenant can be called so. */
const INSTALLATION = '_installation';
const TENANT = /^[a-z0-9][a-z0-9-]*$/;
const ENDING = '.key';

/**
 * Envelope encryption: each tenant has a data key of its own, kept in a file that is encrypted with the master key. Once the
 * data key of a tenant is shredded, nothing that it sealed can be read, wherever copies of it lie.
 */
export class DataKeys {
  readonly #dir: string;
  readonly #master: MasterKeyPlace;
  readonly #random: Random;
  readonly #known = new Map<string, SymmetricKey>();

  /** `dir` is made, mode 0700, when the first key is. */
  constructor(options: { readonly dir: string; readonly master: MasterKeyPlace; readonly random: Random }) {
    this.#dir = options.dir;
    this.#master = options.master;
    this.#random = options.random;
  }

  /** What comes of an erased tenant after its end, such as a refusal, is sealed with the key of the installation. */
  seal({ owner, text }: Sealed): string {
    const tenant = TENANT.test(owner) ? owner : INSTALLATION;
    const known = this.#keyOf(tenant);
    const whose = known === undefined && existsSync(this.#shreddedPath(tenant)) ? INSTALLATION : tenant;
    const key = known ?? this.#keyOf(whose) ?? this.#make(whose);
    return `${whose}:${key.id}:${encrypt(key, whose, Buffer.from(text), this.#random)}`;
  }

  /** Of a tenant that was erased, nothing: the empty JSON object that its events are left with. Throws DATA_KEY_MISSING and SEAL_BROKEN. */
  open(sealed: string): string {
    const [owner = '', id = '', box = ''] = sealed.split(':');
    const key = this.#keyOf(owner);
    if (key === undefined && existsSync(this.#shreddedPath(owner))) return '{}';
    if (key?.id !== id) {
      const path = this.#path(owner);
      throw new KeyError('DATA_KEY_MISSING', `the data key ${id} of ${owner} is not in ${path}`, { path, owner });
    }
    const plain = decrypt(key, owner, box);
    if (plain === undefined) throw new KeyError('SEAL_BROKEN', `what ${owner} stored was changed outside`, { owner });
    return plain.toString('utf8');
  }

  /** Ends the data key of a tenant, for good. Once or twice is the same. */
  shred(owner: string): void {
    makePrivateFile(this.#shreddedPath(owner), '', this.#random);
    removePrivateFile(this.#path(owner));
    this.#known.delete(owner);
  }

  /**
   * Wraps every data key with a new master key, made in the place of the one in the file; a crash on the way loses nothing, and
   * asking again goes on. Gives how many. Throws MASTER_KEY_GIVEN where the master key is not in a file.
   */
  rotate(): number {
    if (!('file' in this.#master)) {
      throw new KeyError('MASTER_KEY_GIVEN', 'the master key is given from outside, so it is changed there', {});
    }
    const { file } = this.#master;
    const old = this.#masters();
    beginNewMasterKey(file, this.#random);
    const count = this.rewrap(old);
    endOldMasterKey(file, this.#random);
    return count + this.rewrap(old); // and what another process wrapped with the old one meanwhile
  }

  /** Wraps every data key that is not wrapped with the newest master key anew; `old` are further keys to unwrap with. Gives how many. */
  rewrap(old: readonly SymmetricKey[] = []): number {
    const [newest, ...others] = this.#masters();
    if (newest === undefined) return 0;
    let count = 0;
    for (const name of existsSync(this.#dir) ? readdirSync(this.#dir) : []) {
      if (!name.endsWith(ENDING)) continue;
      const owner = name.slice(0, -ENDING.length);
      const path = this.#path(owner);
      const wrapped = readPrivateFile(path);
      if (wrapped === undefined || unwrapped(owner, wrapped, [newest]) !== undefined) continue;
      const key = unwrapped(owner, wrapped, [...others, ...old]);
      if (key === undefined) throw notUnwrapped(owner, path);
      replacePrivateFile(path, this.#wrapped(owner, key, newest), this.#random);
      if (existsSync(this.#shreddedPath(owner))) removePrivateFile(path); // shredded meanwhile
      count += 1;
    }
    return count;
  }

  #keyOf(owner: string): SymmetricKey | undefined {
    const path = this.#path(owner);
    const known = this.#known.get(owner);
    // Another process may have shredded it.
    if (known !== undefined) return existsSync(path) ? known : undefined;
    const wrapped = readPrivateFile(path);
    if (wrapped === undefined) return undefined;
    const key = unwrapped(owner, wrapped, this.#masters());
    if (key === undefined) throw notUnwrapped(owner, path);
    this.#known.set(owner, key);
    return key;
  }

  /** A master key is made for the first data key only: where there are some, theirs is lost, and another one would hide that. */
  #masters(): readonly SymmetricKey[] {
    const place = this.#master;
    if ('text' in place || !place.make) return masterKeys(place, this.#random);
    const none = !existsSync(this.#dir) || !readdirSync(this.#dir).some((name) => name.endsWith(ENDING));
    return masterKeys({ file: place.file, make: none }, this.#random);
  }

  #make(owner: string): SymmetricKey {
    const [master] = this.#masters();
    if (master !== undefined) {
      const path = this.#path(owner);
      makePrivateFile(path, this.#wrapped(owner, newSymmetricKey(this.#random), master), this.#random);
    }
    this.#known.delete(owner);
    const key = this.#keyOf(owner);
    if (key === undefined) throw new Error(`the data key of ${owner} was made and is not there`);
    return key;
  }

  #wrapped(owner: string, key: SymmetricKey, master: SymmetricKey): string {
    const about = aboutOf(owner);
    const text = Buffer.from(key.bytes).toString('base64');
    return `${encrypt(master, about, Buffer.from(text), this.#random)}\n`;
  }

  #path(owner: string): string {
    return join(this.#dir, `${owner}${ENDING}`);
  }

  #shreddedPath(owner: string): string {
    return join(this.#dir, `${owner}.shredded`);
  }
}

function aboutOf(owner: string): string {
  return `data key of ${owner}`;
}

function unwrapped(owner: string, wrapped: string, masters: readonly SymmetricKey[]): SymmetricKey | undefined {
  for (const master of masters) {
    const text = decrypt(master, aboutOf(owner), wrapped);
    if (text !== undefined) return readSymmetricKey(text.toString('utf8'));
  }
  return undefined;
}

function notUnwrapped(owner: string, path: string): KeyError {
  return new KeyError('MASTER_KEY_WRONG', `the master key does not open the data key of ${owner}`, { path, owner });
}
