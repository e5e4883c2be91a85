import { PluginError } from './errors.ts';
import type { PluginBooks } from './ports.ts';
import { acceptTrustRoot, readTrustRoot, type TrustAnswer, type TrustRoot } from './provenance/trust-root.ts';

/** The root keys that came with the product; everything else is believed because these signed it. */
export type PinnedRoot = TrustRoot['root'];

/** The trust root in use, checked again each time it is read: signatures, expiry, and that it is not older than known. */
export async function currentTrust(books: PluginBooks, pinned: PinnedRoot, now: number): Promise<TrustAnswer> {
  const stored = await books.document('trust');
  if (stored === null) throw new PluginError('TRUST_ROOT_INVALID', 'no trust root was set up');
  return acceptTrustRoot(stored.bundles, { root: pinned, version: stored.version }, now);
}

/** What the next version is written from: the trust root that stands, expired or not; null before the first. */
export async function lastTrust(books: PluginBooks, pinned: PinnedRoot): Promise<TrustAnswer | null> {
  const stored = await books.document('trust');
  return stored === null ? null : readTrustRoot(stored.bundles, { root: pinned, version: stored.version });
}

/** Takes a new trust root; an older one, or one that the known root keys did not sign, is refused with reasons. */
export async function updateTrust(
  books: PluginBooks,
  pinned: PinnedRoot,
  bundles: string,
  now: number,
): Promise<TrustAnswer> {
  const version = (await books.document('trust'))?.version ?? 0;
  const answer = acceptTrustRoot(bundles, { root: pinned, version }, now);
  if (!answer.ok || (await books.replaceDocument('trust', { bundles, version: answer.root.version }))) return answer;
  if ((await books.document('trust'))?.bundles === bundles) return answer;
  const msg = `version ${answer.root.version} is not newer than the one that is known`;
  return { ok: false, reasons: [{ code: 'TRUST_ROLLBACK', msg, field: 'trust-root', fix: 'Make the change again' }] };
}
