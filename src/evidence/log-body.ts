import { z } from 'zod';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { sha256 } from '#kernel/digest.ts';
import { base64 } from './base64.ts';
import type { PublicKey } from './public-key.ts';
import type { Signer } from './ports.ts';

export const LOG_ENTRY_KIND = Object.freeze({ kind: 'dsse', version: '0.0.2' } as const);

/** Names of Sigstore's PublicKeyDetails. */
export const KEY_DETAILS = Object.freeze({
  ed25519: 'PKIX_ED25519',
  'ecdsa-p256-sha256': 'PKIX_ECDSA_P256_SHA_256',
} as const satisfies { readonly [algorithm in Signer['algorithm']]: string });

const bodySchema = z.strictObject({
  apiVersion: z.literal(LOG_ENTRY_KIND.version),
  kind: z.literal(LOG_ENTRY_KIND.kind),
  spec: z.strictObject({
    dsseV002: z.strictObject({
      payloadHash: z.strictObject({ algorithm: z.literal('SHA2_256'), digest: base64 }),
      signatures: z.tuple([
        z.strictObject({
          content: base64,
          verifier: z.strictObject({
            keyDetails: z.enum([KEY_DETAILS.ed25519, KEY_DETAILS['ecdsa-p256-sha256']]),
            publicKey: z.strictObject({ rawBytes: base64 }),
          }),
        }),
      ]),
    }),
  }),
});

/** What the log holds of a statement: the payload's digest, the signature and the key. Never the payload. */
export interface LoggedStatement {
  /** SHA-256 of the payload, hex. */
  readonly digest: string;
  readonly signature: Buffer;
  readonly keyDer: Buffer;
}

/** The leaf of a signed statement: Rekor v2's entry `dsse` 0.0.2 in canonical JSON, which Sigstore's verifiers read. */
export function logBody(payload: Uint8Array, signature: Uint8Array, key: PublicKey): string {
  const verifier = { keyDetails: KEY_DETAILS[key.algorithm], publicKey: { rawBytes: key.der.toString('base64') } };
  const digest = Buffer.from(sha256(payload), 'hex').toString('base64');
  const dsseV002 = {
    payloadHash: { algorithm: 'SHA2_256', digest },
    signatures: [{ content: Buffer.from(signature).toString('base64'), verifier }],
  };
  return canonicalJson({ apiVersion: LOG_ENTRY_KIND.version, kind: LOG_ENTRY_KIND.kind, spec: { dsseV002 } });
}

/** Reads a leaf; undefined when it is not one of ours. */
export function readLogBody(body: Uint8Array): LoggedStatement | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined; // not JSON: not one of ours, which is the answer
  }
  const entry = bodySchema.safeParse(json).data?.spec.dsseV002;
  if (entry === undefined) return undefined;
  const [signature] = entry.signatures;
  return {
    digest: Buffer.from(entry.payloadHash.digest, 'base64').toString('hex'),
    signature: Buffer.from(signature.content, 'base64'),
    keyDer: Buffer.from(signature.verifier.publicKey.rawBytes, 'base64'),
  };
}
