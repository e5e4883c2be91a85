import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Signer } from '#plugins/ports.ts';

/** A signer from a P-256 private key, the kind that cosign uses. */
export function signerOf(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return {
    algorithm: 'ecdsa-p256-sha256',
    keyId: createHash('sha256').update(der).digest('hex'),
    publicKeyPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sign: async (bytes) => sign('sha256', bytes, privateKey),
  };
}

export function freshSigner(): Signer {
  return signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** The signer whose private key lies in the file; the key is made when there is none yet. */
export function keptSigner(path: string): Signer {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  return signerOf(createPrivateKey(readFileSync(path)));
}
