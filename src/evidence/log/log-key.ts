import { createHash } from 'node:crypto';
import { EvidenceError } from '../errors.ts';
import type { PublicKey } from '../public-key.ts';

const ED25519_RAW_BYTES = 32;
const NOTE_ED25519 = 0x01;

/** What names a transparency log and checks its checkpoints. */
export interface LogKey {
  /** First line of each checkpoint: a host name made from the key, so that no two logs share one. */
  readonly origin: string;
  /** `noteKeyHash` of origin and key. */
  readonly logId: string;
  readonly key: PublicKey;
}

/** The log of an Ed25519 key; throws KEY_UNSUPPORTED on others, since signed notes are used with Ed25519 only. */
export function logKey(key: PublicKey): LogKey {
  if (key.algorithm !== 'ed25519') {
    throw new EvidenceError('KEY_UNSUPPORTED', 'the key of the transparency log must be Ed25519');
  }
  const origin = `${key.keyId.slice(0, 16)}.log.maestro-conductor.dev`;
  // The raw key is the tail of its SubjectPublicKeyInfo (RFC 8410 section 4).
  return { origin, logId: noteKeyHash(origin, key.der.subarray(-ED25519_RAW_BYTES)), key };
}

/** SHA-256(name || 0x0A || 0x01 || raw Ed25519 key), hex: C2SP signed-note, whose key id is the first four bytes. */
export function noteKeyHash(name: string, rawKey: Uint8Array): string {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(NOTE_ED25519)).update(rawKey).digest('hex');
}
