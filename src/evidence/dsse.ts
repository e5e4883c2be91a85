import { PAYLOAD_TYPE } from './statement.ts';

/** What a DSSE signature is over: PAE(type, body) of the DSSE v1 protocol, lengths in bytes. */
export function preAuthEncoding(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
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
