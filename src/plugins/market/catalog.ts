import { z } from 'zod';
import type { Reason } from '#domain/reason.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Signer } from '../ports.ts';
import { writeBundle } from '../provenance/bundle.ts';
import { readSigned } from '../provenance/signed.ts';
import { keysOf, parseJson, type TrustRoot } from '../provenance/trust-root.ts';
import type { Listing } from './oci.ts';

const CATALOG_TYPE = 'application/vnd.maestro.catalog.v1+json';

const catalogSchema = z.strictObject({
  version: z.int().min(1),
  expiresAt: z.int(),
  plugins: z.array(z.strictObject({ name: z.string(), version: z.string(), digest: z.string() })),
});

/** What a store offers, signed by the root keys, so that nobody can show an old or frozen list. */
export type Catalog = z.infer<typeof catalogSchema>;

export async function signCatalog(
  signers: readonly Signer[],
  offered: readonly Listing[],
  version: number,
  expiresAt: number,
): Promise<string> {
  const plugins = offered.map(({ name, version: of, digest }) => ({ name, version: of, digest }));
  const payload = Buffer.from(canonicalJson({ version, expiresAt, plugins }));
  return (await Promise.all(signers.map((signer) => writeBundle(signer, CATALOG_TYPE, payload)))).join('\n');
}

/** Accepts a catalog that is signed, not expired and not older than the one seen before. */
export function acceptCatalog(
  bundles: string,
  trust: TrustRoot,
  seenVersion: number,
  now: number,
): { readonly ok: true; readonly catalog: Catalog } | { readonly ok: false; readonly reasons: readonly Reason[] } {
  const refuse = (code: string, msg: string) => ({
    ok: false as const,
    reasons: [{ code, msg, field: 'catalog', fix: 'Get the current catalog of the store; it may have been replayed' }],
  });
  const { keys, threshold } = trust.root;
  const signed = readSigned(bundles, { payloadType: CATALOG_TYPE, keys: keysOf(keys), threshold });
  if (!signed.ok) return refuse(`CATALOG_${signed.code}`, signed.msg);
  const catalog = catalogSchema.safeParse(parseJson(signed.payload)).data;
  if (catalog === undefined) return refuse('CATALOG_MALFORMED', 'it is not a catalog');
  if (catalog.version < seenVersion)
    return refuse('CATALOG_ROLLBACK', `version ${catalog.version}, ${seenVersion} was seen before`);
  if (catalog.expiresAt <= now) return refuse('CATALOG_EXPIRED', `it expired at ${catalog.expiresAt}`);
  return { ok: true, catalog };
}
