import { z } from 'zod';
import type { Reason } from '#domain/reason.ts';
import { type VerifyKey, verifyKey } from './keys.ts';
import { readSigned } from './signed.ts';

export const TRUST_ROOT_TYPE = 'application/vnd.maestro.trust-root.v1+json';
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/);

const publisherSchema = z.strictObject({
  name: z.string().min(1),
  /** Beginnings of plugin names, each ending with a dot. */
  namespaces: z.array(z.string().endsWith('.')),
  threshold: z.int().min(1),
  keys: z.array(
    z.strictObject({ pem: z.string(), validFrom: z.int(), validUntil: z.int(), revoked: z.boolean().default(false) }),
  ),
});

/** Whom this installation believes, about what, and until when. Times in milliseconds since 1970. */
const trustRootSchema = z.strictObject({
  version: z.int().min(1),
  expiresAt: z.int(),
  root: z.strictObject({ keys: z.array(z.string()).min(1), threshold: z.int().min(1) }),
  publishers: z.array(publisherSchema),
  builders: z.array(z.string()),
  revokedDigests: z.array(sha256Hex),
  minimumVersions: z.record(z.string(), version),
  licenses: z.array(z.string()),
  /** When true, installing needs a signed catalog that is current. */
  requireCatalog: z.boolean().default(false),
});
export type TrustRoot = z.infer<typeof trustRootSchema>;
export type Publisher = z.infer<typeof publisherSchema>;

export type TrustAnswer =
  | { readonly ok: true; readonly root: TrustRoot }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** What was known before a trust root came: who may sign it, and which version is the newest seen. */
interface Known {
  readonly root: TrustRoot['root'];
  readonly version: number;
}

/**
 * Accepts a trust root: signed by the threshold of the root keys known before and by its own (so that keys can rotate),
 * never older than the one known, not expired (The Update Framework, section 5.3, in small).
 *
 * Expiry bounds how long anybody believes who no longer hears of newer versions: whoever is fed one old copy over and over
 * (a frozen mirror, a backup) believes what it says, a key that was revoked since too, for what is left of its time only.
 */
export function acceptTrustRoot(bundles: string, before: Known, now: number): TrustAnswer {
  const answer = readTrustRoot(bundles, before);
  if (!answer.ok || answer.root.expiresAt > now) return answer;
  return refuse('TRUST_EXPIRED', `it expired at ${answer.root.expiresAt}`);
}

/**
 * The same without expiry, for whoever holds the root key and writes the next version: it needs to hear of nobody. What
 * this gives is believed about nothing else.
 */
export function readTrustRoot(bundles: string, before: Known): TrustAnswer {
  const known = readSigned(bundles, {
    payloadType: TRUST_ROOT_TYPE,
    keys: keysOf(before.root.keys),
    threshold: before.root.threshold,
  });
  const payload = known.ok ? known.payload : null;
  if (payload === null && !known.ok && known.code !== 'KEY_UNKNOWN') return refuse(`TRUST_${known.code}`, known.msg);
  const rotated = payload === null ? readRotated(bundles, before.root) : payload;
  if (rotated === null) return refuse('TRUST_KEY_UNKNOWN', 'not enough of the root keys that are known signed it');
  const root = trustRootSchema.safeParse(parseJson(rotated)).data;
  if (root === undefined) return refuse('TRUST_MALFORMED', 'it is not a trust root');
  const own = readSigned(bundles, {
    payloadType: TRUST_ROOT_TYPE,
    keys: keysOf([...root.root.keys, ...before.root.keys]),
    threshold: root.root.threshold,
  });
  if (!own.ok) return refuse(`TRUST_${own.code}`, own.msg);
  const ownIds = keysOf(root.root.keys).map(({ id }) => id);
  if (own.keyIds.filter((id) => ownIds.includes(id)).length < root.root.threshold)
    return refuse('TRUST_THRESHOLD', 'not enough of its own root keys signed it');
  if (root.version < before.version)
    return refuse('TRUST_ROLLBACK', `version ${root.version}, ${before.version} is known`);
  return { ok: true, root };
}

function refuse(code: string, msg: string): TrustAnswer {
  const fix = 'Get the current trust root from whoever keeps it';
  return { ok: false, reasons: [{ code, msg, field: 'trust-root', fix }] };
}

/** While keys rotate some signatures are by keys that only the new root names; enough known ones must still be there. */
function readRotated(bundles: string, known: TrustRoot['root']): Uint8Array | null {
  const lines = bundles.split('\n').filter((line) => line.trim() !== '');
  const verified = lines.flatMap((line) => {
    const one = readSigned(line, { payloadType: TRUST_ROOT_TYPE, keys: keysOf(known.keys), threshold: 1 });
    return one.ok ? [one] : [];
  });
  const [first] = verified;
  const same = verified.filter(({ payload }) => first !== undefined && Buffer.from(payload).equals(first.payload));
  return new Set(same.flatMap(({ keyIds }) => keyIds)).size >= known.threshold ? (first?.payload ?? null) : null;
}

/** Keys that can be read; others are as good as absent. */
export function keysOf(pems: readonly string[]): readonly VerifyKey[] {
  return pems.flatMap((pem) => verifyKey(pem) ?? []);
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined; // not JSON: the schema that reads it next says so
  }
}
