import { z } from 'zod';
import { PluginError } from './errors.ts';
import type { PluginState } from './ports.ts';
import { acceptTrustRoot, type TrustAnswer, type TrustRoot } from './provenance/trust-root.ts';

const storedSchema = z.strictObject({ bundles: z.string(), version: z.int() });

/** The root keys that came with the product; everything else is believed because these signed it. */
export type PinnedRoot = TrustRoot['root'];

/** The trust root in use, checked again each time it is read: signatures, expiry, and that it is not older than known. */
export async function currentTrust(state: PluginState, pinned: PinnedRoot, now: number): Promise<TrustAnswer> {
  const stored = storedSchema.safeParse(await state.load('trust')).data;
  if (stored === undefined) throw new PluginError('TRUST_ROOT_INVALID', 'no trust root was set up');
  return acceptTrustRoot(stored.bundles, { root: pinned, version: stored.version }, now);
}

/** Takes a new trust root; an older one, or one that the known root keys did not sign, is refused with reasons. */
export async function updateTrust(
  state: PluginState,
  pinned: PinnedRoot,
  bundles: string,
  now: number,
): Promise<TrustAnswer> {
  const version = storedSchema.safeParse(await state.load('trust')).data?.version ?? 0;
  const answer = acceptTrustRoot(bundles, { root: pinned, version }, now);
  if (answer.ok) await state.save('trust', { bundles, version: answer.root.version });
  return answer;
}
