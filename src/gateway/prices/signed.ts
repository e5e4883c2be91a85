import { createPublicKey, verify } from 'node:crypto';
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
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  if (!read.data.signatures.some(({ sig }) => verify(algorithm, signed, key, Buffer.from(sig, 'base64')))) {
    throw new GatewayError('PRICES_UNSIGNED', `${where} is not signed by the key of gateway.priceKey`, { where });
  }
  return readPriceSheet(where, JSON.parse(payload.toString('utf8')));
}
