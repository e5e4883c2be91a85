import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { EvidenceError } from './errors.ts';
import type { Signer } from './ports.ts';

/** A key that signatures are checked with. */
export interface PublicKey {
  readonly algorithm: Signer['algorithm'];
  /** SHA-256 hex of the key's DER (SubjectPublicKeyInfo). */
  readonly keyId: string;
  readonly der: Buffer;
  readonly pem: string;
  verifies(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** Reads PEM (SubjectPublicKeyInfo) of Ed25519 or P-256; throws KEY_UNSUPPORTED on anything else. */
export function publicKeyFromPem(pem: string): PublicKey {
  return publicKey(() => createPublicKey({ key: pem, format: 'pem', type: 'spki' }));
}

/** Reads DER (SubjectPublicKeyInfo) of Ed25519 or P-256; throws KEY_UNSUPPORTED on anything else. */
export function publicKeyFromDer(der: Uint8Array): PublicKey {
  return publicKey(() => createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }));
}

function publicKey(read: () => KeyObject): PublicKey {
  const key = readable(read);
  const algorithm = algorithmOf(key);
  const der = key.export({ format: 'der', type: 'spki' });
  // Ed25519 hashes by itself, so it takes no digest (RFC 8032); ECDSA is used with SHA-256.
  const digest = algorithm === 'ed25519' ? null : 'sha256';
  return {
    algorithm,
    keyId: createHash('sha256').update(der).digest('hex'),
    der,
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    verifies: (bytes, signature) => verify(digest, bytes, key, signature),
  };
}

function readable(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new EvidenceError('KEY_UNSUPPORTED', 'this is not a public key', {}, cause);
  }
}

function algorithmOf(key: KeyObject): Signer['algorithm'] {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsa-p256-sha256';
  throw new EvidenceError('KEY_UNSUPPORTED', `a key of type ${key.asymmetricKeyType} is not used for evidence`);
}
