import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { sha256 } from '#kernel/digest.ts';
import type { Random } from '#kernel/random.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** 256 bits for AES-GCM; `id` tells keys apart and gives none of them away. */
export interface SymmetricKey {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** The same as the cipher takes it; made once, since making it costs more than a short text does. */
  readonly secret: KeyObject;
}

function symmetricKey(bytes: Uint8Array): SymmetricKey {
  const id = sha256(Buffer.concat([Buffer.from('maestro key id\n'), bytes])).slice(0, 16);
  return { id, bytes, secret: createSecretKey(bytes) };
}

export function newSymmetricKey(random: Random): SymmetricKey {
  return symmetricKey(random.bytes(KEY_BYTES));
}

/** Reads a key as it is written in files and settings: base64 of 32 bytes. Undefined when it is none. */
export function readSymmetricKey(text: string): SymmetricKey | undefined {
  const bytes = Buffer.from(text.trim(), 'base64');
  return bytes.length === KEY_BYTES ? symmetricKey(bytes) : undefined;
}

/** AES-256-GCM (NIST SP 800-38D) with a random nonce: base64 of nonce, ciphertext and tag. `about` must be the same to decrypt. */
export function encrypt(key: SymmetricKey, about: string, plain: Uint8Array, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Undefined when the text was not made with this key and for this. */
export function decrypt(key: SymmetricKey, about: string, text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = bytes.length - TAG_BYTES;
  try {
    const cipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(end));
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, end)), cipher.final()]);
  } catch {
    return undefined; // a wrong tag is the answer, not a fault
  }
}
