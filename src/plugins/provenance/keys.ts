import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A public key that signatures are checked with. */
export interface VerifyKey {
  /** SHA-256 hex of the key's DER (SubjectPublicKeyInfo). */
  readonly id: string;
  verifies(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** Reads PEM of Ed25519 or P-256; null for everything else. */
export function verifyKey(pem: string): VerifyKey | null {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return null;
  }
  const ed25519 = key.asymmetricKeyType === 'ed25519';
  if (!ed25519 && key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return null;
  const id = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex');
  // Ed25519 hashes by itself (RFC 8032); ECDSA is used with SHA-256.
  return { id, verifies: (bytes, signature) => verify(ed25519 ? null : 'sha256', bytes, key, signature) };
}
