import { readPartText } from '#adapters/plugin-build/folder.ts';
import { join } from 'node:path';
import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Clock } from '#kernel/clock.ts';
import {
  acceptTrustRoot,
  lastTrust,
  PluginError,
  type Publisher,
  TRUST_ROOT_TYPE,
  type TrustAnswer,
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
/** So many processes may change the trust root in one moment. */
const MOST_TRIES = 10;

/** Who builds a plugin on an author's own machine, as provenance names it. */
export const LOCAL_BUILDER = 'https://maestro-conductor.dev/builders/plugin-build';

/**
 * This installation's trust root: on first use it takes over the shipped one; later it takes keys of the shipped
 * publishers that are new or good for longer, as after an upgrade, unless the publisher was distrusted here. It is renewed when it has less
 * than half of its year left, and when it has expired. Throws TRUST_ROOT_INVALID.
 */
export async function ensureTrust(trust: Trust, shipped: string): Promise<void> {
  const now = trust.clock.now();
  const offered = await readShipped(shipped, now);
  const first = (): TrustRoot => {
    if (!offered.ok) throw invalid(offered);
    return { ...offered.root, builders: [...offered.root.builders, LOCAL_BUILDER] };
  };
  const next = (known: TrustRoot): TrustRoot | null => {
    const brought = offered.ok ? offered.root.publishers : []; // a product whose time has passed brings nothing new
    const publishers = known.publishers.map((each) => withNewKeys(each, brought));
    const changed = publishers.some((each, index) => each !== known.publishers[index]);
    return changed || isOld(known, now) ? { ...known, publishers } : null;
  };
  await write(trust, next, first);
}

/** For processes that live long: writes the same trust root anew when it has less than half of its year left. */
export async function renewTrust(trust: Trust): Promise<void> {
  const now = trust.clock.now();
  await write(trust, (known) => (isOld(known, now) ? known : null));
}

function isOld({ expiresAt }: TrustRoot, now: number): boolean {
  return expiresAt - now < YEAR_MS / 2;
}

/** What the product brings. Refused only as TRUST_EXPIRED; throws TRUST_ROOT_INVALID when it is not what was shipped. */
async function readShipped(folder: string, now: number): Promise<TrustAnswer> {
  const read = (name: string): Promise<string> => readPartText(join(folder, 'trust-root'), name);
  // The cast is true: the file is part of the product.
  const pinned = JSON.parse(await read('pinned-root.json')) as TrustRoot['root'];
  const answer = acceptTrustRoot(await read('trust-root.jsonl'), { root: pinned, version: 0 }, now);
  if (!answer.ok && answer.reasons.some(({ code }) => code !== 'TRUST_EXPIRED')) throw invalid(answer);
  return answer;
}

/** The publisher with the keys that the product brings and that are new or good for longer; the same object when none is. */
function withNewKeys(known: Publisher, shipped: readonly Publisher[]): Publisher {
  const distrusted = known.keys.some(({ revoked }) => revoked);
  const offered = shipped.find(({ name }) => name === known.name)?.keys ?? [];
  const fresh = offered.filter(
    ({ pem, validUntil }) => !known.keys.some((key) => key.pem === pem && key.validUntil >= validUntil),
  );
  if (distrusted || fresh.length === 0) return known;
  const others = known.keys.filter(({ pem }) => !fresh.some((key) => key.pem === pem));
  return { ...known, keys: [...others, ...fresh] };
}

/** Believes a publisher's key about names that begin with the namespace, from now on and for a year. Throws PUBLISHER_KEY_INVALID. */
export async function trustPublisher(
  trust: Trust,
  who: { name: string; namespace: string; pem: string },
): Promise<void> {
  const now = trust.clock.now();
  const { pem } = who;
  requirePublicKey(pem);
  const key = { pem, validFrom: now, validUntil: now + YEAR_MS, revoked: false };
  await write(trust, (root) => {
    const before = root.publishers.find(({ name }) => name === who.name);
    const publisher = {
      name: who.name,
      threshold: before?.threshold ?? 1,
      namespaces: [...new Set([...(before?.namespaces ?? []), who.namespace])],
      keys: [...(before?.keys ?? []).filter((each) => each.pem !== pem), key],
    };
    const others = root.publishers.filter(({ name }) => name !== who.name);
    return { ...root, publishers: [...others, publisher] };
  });
}

/** Revokes a publisher's keys: nothing that they signed loads any more. Throws PUBLISHER_UNKNOWN. */
export async function distrustPublisher(trust: Trust, publisher: string): Promise<void> {
  await write(trust, (root) => {
    const names = root.publishers.map(({ name }) => name);
    if (!names.includes(publisher))
      throw new PluginError('PUBLISHER_UNKNOWN', `${publisher} is none of ${names.join(', ')}`);
    const publishers = root.publishers.map((each) =>
      each.name === publisher ? { ...each, keys: each.keys.map((key) => ({ ...key, revoked: true })) } : each,
    );
    return { ...root, publishers };
  });
}

/** A private key would verify too, but it must not get into a document that is handed around. */
function requirePublicKey(pem: string): void {
  if (pem.startsWith('-----BEGIN PUBLIC KEY-----') && verifyKey(pem) !== null) return;
  throw new PluginError('PUBLISHER_KEY_INVALID', 'the key is no public key (PEM) of P-256 or Ed25519');
}

function invalid({ reasons }: Extract<TrustAnswer, { ok: false }>): PluginError {
  return new PluginError('TRUST_ROOT_INVALID', reasons.map(({ msg }) => msg).join('; '));
}

/**
 * Writes the next version, good for a year, as `next` makes it from what stands; null leaves that as it is. When another
 * process writes at the same moment, it is made again from what that one wrote. `first` makes version 1.
 *
 * What stands is read with its signature and version but not with its expiry, which is there for those who cannot write
 * (see `acceptTrustRoot`). What keeps the writer from being handed an old copy is the version in the books, not the date;
 * so a trust root that nobody touched for a year is renewed with what it said.
 */
async function write(
  trust: Trust,
  next: (known: TrustRoot) => TrustRoot | null,
  first?: () => TrustRoot,
): Promise<void> {
  const { books, root, clock } = trust;
  const pinned = { keys: [root.publicKeyPem], threshold: 1 };
  for (let tries = 1; ; tries++) {
    const last = await lastTrust(books, pinned);
    if (last?.ok === false) throw invalid(last);
    const document = last === null ? first?.() : next(last.root);
    if (document === undefined) throw new PluginError('TRUST_ROOT_INVALID', 'no trust root was set up');
    if (document === null) return;
    const now = clock.now();
    const version = (last?.root.version ?? 0) + 1;
    const whole = { ...document, version, root: pinned, expiresAt: now + YEAR_MS };
    const bundle = await writeBundle(root, TRUST_ROOT_TYPE, Buffer.from(canonicalJson(whole)));
    const answer = await updateTrust(books, pinned, bundle, now);
    if (answer.ok) return;
    const overtaken = answer.reasons.every(({ code }) => code === 'TRUST_ROLLBACK');
    if (!overtaken || tries === MOST_TRIES) throw invalid(answer);
  }
}
