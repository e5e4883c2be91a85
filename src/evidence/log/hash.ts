import { hash } from 'node:crypto';

const HASH_BYTES = 32;

/** Root of the empty log: SHA-256 of nothing (RFC 6962 section 2.1). */
export const EMPTY_ROOT = hash('sha256', '');

/** SHA-256(0x00 || body), hex (RFC 6962 section 2.1). */
export function leafHash(body: string | Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.of(0x00), Buffer.from(body)]));
}

/** SHA-256(0x01 || left || right), hex, of two hashes in hex (RFC 6962 section 2.1). */
export function nodeHash(left: string, right: string): string {
  const bytes = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  bytes[0] = 0x01;
  bytes.write(left, 1, 'hex');
  bytes.write(right, 1 + HASH_BYTES, 'hex');
  return hash('sha256', bytes);
}
