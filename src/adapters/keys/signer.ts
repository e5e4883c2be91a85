import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Signer } from '#evidence/ports.ts';

/** A fresh private key, PKCS#8 PEM. */
export function newPrivateKey(algorithm: Signer['algorithm']): string {
  const { privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** Signs with a private key, PKCS#8 PEM; throws when it is not one of Ed25519 or P-256. */
export function signerFromPem(pem: string): Signer {
  const key = createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' });
  const algorithm = algorithmOf(key);
  const publicKey = createPublicKey(key);
  const digest = algorithm === 'ed25519' ? null : 'sha256';
  return {
    algorithm,
    keyId: createHash('sha256')
      .update(publicKey.export({ format: 'der', type: 'spki' }))
      .digest('hex'),
    publicKeyPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sign: async (bytes) => sign(digest, bytes, key),
  };
}

function algorithmOf(key: KeyObject): Signer['algorithm'] {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsa-p256-sha256';
  throw new Error(`a key of type ${key.asymmetricKeyType} does not sign evidence`);
}
