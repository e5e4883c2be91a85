import type { Random } from '#kernel/random.ts';

/** `maestro_<id>_<secret>`: the prefix lets scanners find keys that leaked, the id finds the row, the secret has 256 bits. */
const KEY = /^maestro_([0-9a-z]{20})_([A-Za-z0-9_-]{43})$/;

export interface ApiKey {
  /** `key_...`, which may be shown. */
  readonly id: string;
  /** Shown once, then kept as a keyed hash. */
  readonly secret: string;
}

/** A fresh key under an id made by `Ids` with the prefix `key`. */
export function newApiKey(id: string, random: Random): ApiKey & { readonly text: string } {
  const secret = Buffer.from(random.bytes(32)).toString('base64url');
  return { id, secret, text: `maestro_${id.replace(/^key_/, '')}_${secret}` };
}

/** Undefined for whatever does not look like a key. */
export function readApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id: `key_${id}`, secret };
}
