import { newPrivateKey, signerFromPem } from '#adapters/keys/index.ts';
import type { Signer } from '#plugins/ports.ts';

/** A P-256 key of its own for each call. */
export function freshSigner(): Signer {
  return signerFromPem(newPrivateKey('ecdsa-p256-sha256'));
}
