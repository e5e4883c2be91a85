import { z } from 'zod';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { sha256 } from '#kernel/digest.ts';
import { base64 } from './base64.ts';
import { preAuthEncoding } from './dsse.ts';
import type { PublicKey } from './public-key.ts';
import type { Signer } from './ports.ts';

/** What is written of a statement. Rekor v2 has it so for DSSE: the digest is of what the signature is over. */
export const LOG_ENTRY_KIND = Object.freeze({ kind: 'hashedrekord', version: '0.0.2' } as const);
/** What is read: Rekor v2, and Maestro, wrote `dsse` before, with the digest of the payload. */
export const LOG_ENTRY_KINDS = Object.freeze(['hashedrekord', 'dsse'] as const);

/** Names of Sigstore's PublicKeyDetails. */
export const KEY_DETAILS = Object.freeze({
  ed25519: 'PKIX_ED25519',
  'ecdsa-p256-sha256': 'PKIX_ECDSA_P256_SHA_256',
} as const satisfies { readonly [algorithm in Signer['algorithm']]: string });

const digestSchema = z.strictObject({ algorithm: z.literal('SHA2_256'), digest: base64 });
const signatureSchema = z.strictObject({
  content: base64,
  verifier: z.strictObject({
    keyDetails: z.enum([KEY_DETAILS.ed25519, KEY_DETAILS['ecdsa-p256-sha256']]),
    publicKey: z.strictObject({ rawBytes: base64 }),
  }),
});
const apiVersion = z.literal(LOG_ENTRY_KIND.version);
const bodySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion,
    kind: z.literal('hashedrekord'),
    spec: z.strictObject({ hashedRekordV002: z.strictObject({ data: digestSchema, signature: signatureSchema }) }),
  }),
  z.strictObject({
    apiVersion,
    kind: z.literal('dsse'),
    spec: z.strictObject({
      dsseV002: z.strictObject({ payloadHash: digestSchema, signatures: z.tuple([signatureSchema]) }),
    }),
  }),
]);

/** What the log holds of a statement: a digest, the signature and the key. Never the payload. */
export interface LoggedStatement {
  readonly kind: (typeof LOG_ENTRY_KINDS)[number];
  /** SHA-256, hex. */
  readonly digest: string;
  readonly signature: Buffer;
  readonly keyDer: Buffer;
  /** Whether the digest is of this payload. */
  isOf(payload: Uint8Array): boolean;
}

/** The leaf of a signed statement in canonical JSON, which Sigstore's verifiers read. */
export function logBody(payload: Uint8Array, signature: Uint8Array, key: PublicKey): string {
  const verifier = { keyDetails: KEY_DETAILS[key.algorithm], publicKey: { rawBytes: key.der.toString('base64') } };
  const hashedRekordV002 = {
    data: { algorithm: 'SHA2_256', digest: Buffer.from(sha256(preAuthEncoding(payload)), 'hex').toString('base64') },
    signature: { content: Buffer.from(signature).toString('base64'), verifier },
  };
  return canonicalJson({ apiVersion: LOG_ENTRY_KIND.version, kind: LOG_ENTRY_KIND.kind, spec: { hashedRekordV002 } });
}

/** Reads a leaf; undefined when it is not one of ours. */
export function readLogBody(body: Uint8Array): LoggedStatement | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined; // not JSON: not one of ours, which is the answer
  }
  const entry = bodySchema.safeParse(json).data;
  if (entry?.kind === 'hashedrekord') {
    const { data, signature } = entry.spec.hashedRekordV002;
    return logged(entry.kind, data.digest, signature, preAuthEncoding);
  }
  if (entry === undefined) return undefined;
  const { payloadHash, signatures } = entry.spec.dsseV002;
  return logged(entry.kind, payloadHash.digest, signatures[0], (payload) => payload);
}

function logged(
  kind: LoggedStatement['kind'],
  digestBase64: string,
  { content, verifier }: z.infer<typeof signatureSchema>,
  hashed: (payload: Uint8Array) => Uint8Array,
): LoggedStatement {
  const digest = Buffer.from(digestBase64, 'base64').toString('hex');
  return {
    kind,
    digest,
    signature: Buffer.from(content, 'base64'),
    keyDer: Buffer.from(verifier.publicKey.rawBytes, 'base64'),
    isOf: (payload) => sha256(hashed(payload)) === digest,
  };
}
