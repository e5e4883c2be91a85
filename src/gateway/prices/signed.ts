import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { preAuthEncoding } from '#kernel/dsse.ts';
import { GatewayError } from '../errors.ts';
import { type PriceSheet, readPriceSheet } from './sheet.ts';

const PRICE_SHEET_TYPE = 'application/vnd.maestro.price-sheet+json';

const schema = z.object({
  payloadType: z.literal(PRICE_SHEET_TYPE),
  payload: z.base64(),
  signatures: z.array(z.object({ sig: z.base64() })).min(1),
});

/** Reads a DSSE envelope around a price sheet; `keyPem` must have signed it. Throws PRICES_UNSIGNED and PRICES_INVALID. */
export function readSignedSheet(where: string, content: unknown, keyPem: string): PriceSheet {
  const read = schema.safeParse(content);
  if (!read.success) throw new GatewayError('PRICES_UNSIGNED', `${where} is no signed price sheet`, { where });
  const payload = Buffer.from(read.data.payload, 'base64');
  const signed = preAuthEncoding(PRICE_SHEET_TYPE, payload);
  const key = createPublicKey(keyPem);
  if (!read.data.signatures.some(({ sig }) => verify(algorithmOf(key), signed, key, Buffer.from(sig, 'base64')))) {
    throw new GatewayError('PRICES_UNSIGNED', `${where} is not signed by the key of gateway.priceKey`, { where });
  }
  return readPriceSheet(where, JSON.parse(payload.toString('utf8')));
}

/** The DSSE envelope around a price sheet, signed with a private key (PEM; Ed25519, ECDSA or RSA). Throws PRICES_INVALID. */
export function signSheet(where: string, content: unknown, keyPem: string): object {
  readPriceSheet(where, content);
  const payload = Buffer.from(JSON.stringify(content));
  const key = createPrivateKey(keyPem);
  const sig = sign(algorithmOf(key), preAuthEncoding(PRICE_SHEET_TYPE, payload), key).toString('base64');
  return { payloadType: PRICE_SHEET_TYPE, payload: payload.toString('base64'), signatures: [{ sig }] };
}

function algorithmOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}
