import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newPrivateKey, signerFromPem } from '#adapters/keys/index.ts';
import { openStore, pluginBooks, type Store } from '#adapters/sql/index.ts';
import { ManualClock } from '#kernel/clock.ts';
import { currentTrust, TRUST_ROOT_TYPE, type TrustAnswer, type TrustRoot, writeBundle } from '#plugins/index.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { SHIPPED_PLUGINS } from './shipped.ts';
import { distrustPublisher, ensureTrust, renewTrust, type Trust, trustPublisher } from './trust.ts';

const DAY_MS = 24 * 3600 * 1000;
const START = Date.UTC(2026, 10, 28);
/** After the shipped trust root has ended. */
const TOO_LATE = Date.UTC(2029, 11, 1);
let store: Store;
let clock: ManualClock;
let trust: Trust;

beforeEach(async () => {
  store = await openStore({ engine: 'sqlite', path: ':memory:' });
  clock = new ManualClock(START);
  trust = { books: pluginBooks(store.truth), root: newSigner(), clock };
});
afterEach(() => store.close());

function newSigner(): Trust['root'] {
  return signerFromPem(newPrivateKey('ecdsa-p256-sha256'));
}

async function answer(): Promise<TrustAnswer> {
  return currentTrust(trust.books, { keys: [trust.root.publicKeyPem], threshold: 1 }, clock.now());
}

async function believed(): Promise<TrustRoot> {
  const now = await answer();
  if (!now.ok) throw new Error(now.reasons.map(({ code }) => code).join());
  return now.root;
}

test('a trust root that has expired is not believed, and the next start writes it anew', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);
  await distrustPublisher(trust, 'maestro');
  const { publishers } = await believed();

  clock.advance(366 * DAY_MS);
  const before = await answer();
  await ensureTrust(trust, SHIPPED_PLUGINS);

  expect(before).toMatchObject({ ok: false, reasons: [{ code: 'TRUST_EXPIRED' }] });
  expect(await believed()).toMatchObject({ version: 3, publishers, expiresAt: clock.now() + 365 * DAY_MS });
});

test('publishers are believed and distrusted also after the trust root has expired', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);
  clock.advance(366 * DAY_MS);

  await trustPublisher(trust, { name: 'acme', namespace: 'acme.', pem: newSigner().publicKeyPem });
  clock.advance(366 * DAY_MS);
  await distrustPublisher(trust, 'acme');

  const acme = (await believed()).publishers.find(({ name }) => name === 'acme');
  expect(acme?.keys).toMatchObject([{ revoked: true }]);
});

test('a trust root is renewed when less than half of its year is left, and not before', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);

  clock.advance(180 * DAY_MS);
  await renewTrust(trust);
  await ensureTrust(trust, SHIPPED_PLUGINS);
  const early = await believed();
  clock.advance(3 * DAY_MS);
  await renewTrust(trust);

  expect(early.version).toBe(1);
  expect(await believed()).toMatchObject({ version: 2, expiresAt: clock.now() + 365 * DAY_MS });
});

test('processes that begin at once agree on one trust root', async () => {
  await Promise.all([1, 2, 3].map(() => ensureTrust(trust, SHIPPED_PLUGINS)));
  const first = await believed();
  clock.advance(366 * DAY_MS);
  await Promise.all([1, 2, 3].map(() => ensureTrust(trust, SHIPPED_PLUGINS)));

  expect(first.version).toBe(1);
  expect((await believed()).version).toBe(2);
});

test('publishers that are believed at once are all believed', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);

  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      trustPublisher(trust, { name, namespace: `${name}.`, pem: newSigner().publicKeyPem }),
    ),
  );

  expect((await believed()).publishers.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c', 'maestro']);
});

test('after the shipped trust root has ended an installation keeps its own, and a new one is refused', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);
  clock.advance(TOO_LATE - START);

  await ensureTrust(trust, SHIPPED_PLUGINS);
  const fresh = await openStore({ engine: 'sqlite', path: ':memory:' });
  const begun = ensureTrust({ ...trust, books: pluginBooks(fresh.truth) }, SHIPPED_PLUGINS);

  expect((await believed()).version).toBe(2);
  await expect(begun).rejects.toMatchObject({ code: 'TRUST_ROOT_INVALID' });
  await fresh.close();
});

test('what stands is not renewed when another key signed it, or an older version was put in its place', async () => {
  await ensureTrust(trust, SHIPPED_PLUGINS);
  const old = await trust.books.document('trust');
  await distrustPublisher(trust, 'maestro');
  clock.advance(366 * DAY_MS);

  const stranger = ensureTrust({ ...trust, root: newSigner() }, SHIPPED_PLUGINS);
  await expect(stranger).rejects.toMatchObject({ code: 'TRUST_ROOT_INVALID' });
  await store.truth.run(`update plugin_document set bundles = $1 where name = 'trust'`, old?.bundles ?? '');
  await expect(ensureTrust(trust, SHIPPED_PLUGINS)).rejects.toThrow('version 1, 2 is known');
});

/** A folder as a product brings it, whose publisher signs with the same key in every release. */
async function product(from: { root: Trust['root']; publisher: string }, until: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'product-'));
  const root = { keys: [from.root.publicKeyPem], threshold: 1 };
  const keys = [{ pem: from.publisher, validFrom: 0, validUntil: until, revoked: false }];
  const document = {
    ...{ version: 1, expiresAt: until, root, builders: [], revokedDigests: [], minimumVersions: {}, licenses: ['MIT'] },
    publishers: [{ name: 'maestro', namespaces: ['plugin.'], threshold: 1, keys }],
  };
  const bundle = await writeBundle(from.root, TRUST_ROOT_TYPE, Buffer.from(canonicalJson(document)));
  mkdirSync(join(folder, 'trust-root'));
  writeFileSync(join(folder, 'trust-root', 'pinned-root.json'), JSON.stringify(root));
  writeFileSync(join(folder, 'trust-root', 'trust-root.jsonl'), bundle);
  return folder;
}

test('a newer product lengthens the time of a key that is known, and an older one does not shorten it', async () => {
  const makers = { root: newSigner(), publisher: newSigner().publicKeyPem };
  const older = await product(makers, START + 100 * DAY_MS);
  const newer = await product(makers, START + 900 * DAY_MS);
  const until = async (): Promise<unknown> => (await believed()).publishers[0]?.keys.map((key) => key.validUntil);

  await ensureTrust(trust, older);
  await ensureTrust(trust, newer);
  const upgraded = await until();
  await ensureTrust(trust, older);

  expect(upgraded).toEqual([START + 900 * DAY_MS]);
  expect(await until()).toEqual(upgraded);
  for (const folder of [older, newer]) rmSync(folder, { recursive: true });
});
