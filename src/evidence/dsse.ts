import { preAuthEncoding as encodingOfType } from '#kernel/dsse.ts';
import { PAYLOAD_TYPE } from './statement.ts';

/** What the signature of a statement is over. */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  return encodingOfType(PAYLOAD_TYPE, payload);
}

/** A DSSE envelope with one signature; both values are base64. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: typeof PAYLOAD_TYPE;
  readonly signatures: readonly { readonly sig: string }[];
}

export function envelope(payload: Uint8Array, signature: Uint8Array): Envelope {
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ sig: Buffer.from(signature).toString('base64') }],
  };
}
