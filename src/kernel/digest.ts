import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Json } from './json.ts';

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}

/** SHA-256 in hex of the value's canonical JSON (RFC 8785): equal values have equal digests. */
export function digestOf(value: Json): string {
  return sha256(canonicalJson(value));
}
