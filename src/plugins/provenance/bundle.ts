import { z } from 'zod';
import { preAuthEncoding } from '#kernel/dsse.ts';
import type { Signer } from '../ports.ts';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);

/** A Sigstore bundle v0.3 with a public key hint and no transparency log, as `cosign verify-blob-attestation --key` reads it. */
const bundleSchema = z.looseObject({
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.looseObject({ publicKey: z.object({ hint: z.string() }) }),
  dsseEnvelope: z.object({
    payload: base64,
    payloadType: z.string(),
    signatures: z.array(z.object({ sig: base64 })),
  }),
});

/** What a bundle says; nothing of it is checked. */
export interface BundleParts {
  readonly keyId: string;
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** Signs bytes of a type and writes the bundle, one line of JSON. */
export async function writeBundle(signer: Signer, payloadType: string, payload: Uint8Array): Promise<string> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return JSON.stringify({
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      publicKey: { hint: signer.keyId },
      tlogEntries: [],
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: { payload: text(payload), payloadType, signatures: [{ sig: text(signature), keyid: '' }] },
  });
}

/** Reads bundles, one on each line; null when a line is none. */
export function readBundles(text: string): readonly BundleParts[] | null {
  const parts: BundleParts[] = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return null;
    }
    const bundle = bundleSchema.safeParse(json).data;
    if (bundle === undefined) return null;
    parts.push({
      keyId: bundle.verificationMaterial.publicKey.hint,
      payloadType: bundle.dsseEnvelope.payloadType,
      payload: Buffer.from(bundle.dsseEnvelope.payload, 'base64'),
      signatures: bundle.dsseEnvelope.signatures.map(({ sig }) => Buffer.from(sig, 'base64')),
    });
  }
  return parts;
}
