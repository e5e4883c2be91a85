import { readPartText } from '#adapters/plugin-build/folder.ts';
import { join } from 'node:path';
import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Clock } from '#kernel/clock.ts';
import {
  acceptTrustRoot,
  currentTrust,
  PluginError,
  type Publisher,
  TRUST_ROOT_TYPE,
  type TrustRoot,
  updateTrust,
  verifyKey,
  writeBundle,
} from '#plugins/index.ts';
import type { PluginBooks, Signer } from '#plugins/ports.ts';

/** What decides whom this installation believes. */
export interface Trust {
  readonly books: PluginBooks;
  /** This installation's own root key: it says which publishers are believed here. */
  readonly root: Signer;
  readonly clock: Clock;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** Who builds a plugin on an author's own machine, as provenance names it. */
export const LOCAL_BUILDER = 'https://maestro-conductor.dev/builders/plugin-build';

/**
 * This installation's trust root: on first use it takes over the shipped one; later it takes keys of the shipped
 * publishers that are new, as after an upgrade, unless the publisher was distrusted here.
 */
export async function ensureTrust(trust: Trust, shipped: string): Promise<void> {
  const read = (name: string): Promise<string> => readPartText(join(shipped, 'trust-root'), name);
  // The cast is true: the file is part of the product.
  const pinned = JSON.parse(await read('pinned-root.json')) as TrustRoot['root'];
  const answer = acceptTrustRoot(await read('trust-root.jsonl'), { root: pinned, version: 0 }, trust.clock.now());
  if (!answer.ok) throw new PluginError('TRUST_ROOT_INVALID', answer.reasons.map(({ msg }) => msg).join('; '));
  if ((await trust.books.document('trust')) === null) {
    await save(trust, { ...answer.root, version: 1, builders: [...answer.root.builders, LOCAL_BUILDER] });
    return;
  }
  const root = await current(trust);
  const publishers = root.publishers.map((known) => withNewKeys(known, answer.root.publishers));
  const added = publishers.some(({ keys }, index) => keys.length > (root.publishers[index]?.keys.length ?? 0));
  if (added) await save(trust, { ...root, version: root.version + 1, publishers });
}

function withNewKeys(known: Publisher, shipped: readonly Publisher[]): Publisher {
  const distrusted = known.keys.some(({ revoked }) => revoked);
  const offered = shipped.find(({ name }) => name === known.name)?.keys ?? [];
  const fresh = offered.filter(({ pem }) => !known.keys.some((key) => key.pem === pem));
  return distrusted ? known : { ...known, keys: [...known.keys, ...fresh] };
}

/** Believes a publisher's key about names that begin with the namespace, from now on and for a year. Throws PUBLISHER_KEY_INVALID. */
export async function trustPublisher(
  trust: Trust,
  who: { name: string; namespace: string; pem: string },
): Promise<void> {
  const now = trust.clock.now();
  const { pem } = who;
  requirePublicKey(pem);
  const root = await current(trust);
  const key = { pem, validFrom: now, validUntil: now + YEAR_MS, revoked: false };
  const known = root.publishers.find(({ name }) => name === who.name);
  const publisher = {
    name: who.name,
    threshold: known?.threshold ?? 1,
    namespaces: [...new Set([...(known?.namespaces ?? []), who.namespace])],
    keys: [...(known?.keys ?? []).filter((each) => each.pem !== pem), key],
  };
  const others = root.publishers.filter(({ name }) => name !== who.name);
  await save(trust, { ...root, version: root.version + 1, publishers: [...others, publisher] });
}

/** Revokes a publisher's keys: nothing that they signed loads any more. Throws PUBLISHER_UNKNOWN. */
export async function distrustPublisher(trust: Trust, publisher: string): Promise<void> {
  const root = await current(trust);
  const known = root.publishers.map(({ name }) => name);
  if (!known.includes(publisher))
    throw new PluginError('PUBLISHER_UNKNOWN', `${publisher} is none of ${known.join(', ')}`);
  const publishers = root.publishers.map((each) =>
    each.name === publisher ? { ...each, keys: each.keys.map((key) => ({ ...key, revoked: true })) } : each,
  );
  await save(trust, { ...root, version: root.version + 1, publishers });
}

/** A private key would verify too, but it must not get into a document that is handed around. */
function requirePublicKey(pem: string): void {
  if (pem.startsWith('-----BEGIN PUBLIC KEY-----') && verifyKey(pem) !== null) return;
  throw new PluginError('PUBLISHER_KEY_INVALID', 'the key is no public key (PEM) of P-256 or Ed25519');
}

async function current({ books, root, clock }: Trust): Promise<TrustRoot> {
  const answer = await currentTrust(books, pinnedTo(root), clock.now());
  if (!answer.ok) throw new PluginError('TRUST_ROOT_INVALID', answer.reasons.map(({ msg }) => msg).join('; '));
  return answer.root;
}

async function save({ books, root, clock }: Trust, document: TrustRoot): Promise<void> {
  const now = clock.now();
  const whole = { ...document, root: pinnedTo(root), expiresAt: now + YEAR_MS };
  const bundle = await writeBundle(root, TRUST_ROOT_TYPE, Buffer.from(canonicalJson(whole)));
  const answer = await updateTrust(books, pinnedTo(root), bundle, now);
  if (!answer.ok) throw new PluginError('TRUST_ROOT_INVALID', answer.reasons.map(({ msg }) => msg).join('; '));
}

function pinnedTo(root: Signer): TrustRoot['root'] {
  return { keys: [root.publicKeyPem], threshold: 1 };
}
