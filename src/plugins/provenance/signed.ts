import { preAuthEncoding } from '#kernel/dsse.ts';
import { readBundles } from './bundle.ts';
import type { VerifyKey } from './keys.ts';

type SignatureFault =
  | 'UNSIGNED'
  | 'BUNDLE_MALFORMED'
  | 'PAYLOAD_TYPE'
  | 'SIGNATURE_COUNT'
  | 'SIGNATURE_MISSING'
  | 'KEY_UNKNOWN'
  | 'SIGNATURE_INVALID'
  | 'THRESHOLD';

/** Bytes that enough keys signed, or the first thing that is wrong. */
export type Signed =
  | { readonly ok: true; readonly payload: Uint8Array; readonly keyIds: readonly string[] }
  | { readonly ok: false; readonly code: SignatureFault; readonly msg: string };

/**
 * Checks bundles (one a line, one signature each, all over the same payload). Each must verify with a known key; distinct
 * keys must reach the threshold. One bad signature among good ones refuses the whole.
 */
export function readSigned(
  text: string,
  want: { payloadType: string; keys: readonly VerifyKey[]; threshold: number },
): Signed {
  const refuse = (code: SignatureFault, msg: string): Signed => ({ ok: false, code, msg });
  if (text.trim() === '') return refuse('UNSIGNED', 'there is no signature');
  const bundles = readBundles(text);
  const [first] = bundles ?? [];
  if (bundles === null || first === undefined)
    return refuse('BUNDLE_MALFORMED', 'this is not a Sigstore bundle v0.3 with a public key');
  const signers = new Set<string>();
  for (const { keyId, payloadType, payload, signatures } of bundles) {
    if (payloadType !== want.payloadType) return refuse('PAYLOAD_TYPE', `payload of type ${payloadType}`);
    const [signature] = signatures;
    if (signature === undefined || signature.length === 0)
      return refuse('SIGNATURE_MISSING', 'the envelope holds no signature');
    if (signatures.length > 1)
      return refuse('SIGNATURE_COUNT', `${signatures.length} signatures in one bundle, there must be one`);
    const key = want.keys.find(({ id }) => id === keyId);
    if (key === undefined) return refuse('KEY_UNKNOWN', `no trusted key ${keyId}`);
    if (!Buffer.from(payload).equals(first.payload) || !key.verifies(preAuthEncoding(payloadType, payload), signature))
      return refuse('SIGNATURE_INVALID', `the signature of key ${keyId} is not over this payload`);
    signers.add(keyId);
  }
  if (signers.size < want.threshold)
    return refuse('THRESHOLD', `${signers.size} of ${want.threshold} needed keys signed`);
  return { ok: true, payload: first.payload, keyIds: [...signers] };
}
