import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openKey } from '#adapters/keys/index.ts';
import { buildPlugin } from '#adapters/plugin-build/build.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { systemRandom } from '#kernel/random.ts';
import { sha256 } from '#kernel/digest.ts';
import { DEFAULT_POLICY, packPlugin, readManifest, TRUST_ROOT_TYPE, writeBundle } from '#plugins/index.ts';

/**
 * Builds the shipped plugins, signs them, and writes the trust root that names the signing key. Whoever makes a release
 * runs it with keys of their own: `--keys DIR` holds `shipped-root.pem` (signs the trust root only; keep it offline) and
 * `shipped-plugins.pem` (signs plugins). Each is made where it is missing, readable by you alone, and never committed.
 */
const FOLDER = join(import.meta.dirname, '..', 'plugins');
const BUILDER = 'https://maestro-conductor.dev/builders/tools/build-plugins';
const YEAR = 365 * 24 * 3600 * 1000;

const { values } = parseArgs({
  options: { keys: { type: 'string', default: join(import.meta.dirname, '..', '.maestro', 'keys') } },
});
const keys = { dir: values.keys, algorithm: 'ecdsa-p256-sha256', random: systemRandom } as const;
const root = await openKey({ ...keys, name: 'shipped-root' });
const publisher = await openKey({ ...keys, name: 'shipped-plugins' });

for (const name of readdirSync(FOLDER)) {
  const folder = join(FOLDER, name);
  if (!readdirSync(folder).includes('manifest.yaml')) continue;
  const manifest = readFileSync(join(folder, 'manifest.yaml'));
  const built = await buildPlugin(folder, readManifest(manifest.toString()));
  const plugin = await packPlugin({ ...built, manifest, builder: BUILDER, signers: [publisher] });
  const out = join(folder, 'built');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'module.wasm'), plugin.module);
  writeFileSync(join(out, 'sbom.cdx.json'), plugin.sbom);
  writeFileSync(join(out, 'bundle.jsonl'), plugin.bundle);
  process.stdout.write(`${name}: ${plugin.module.length} bytes, sha256 ${sha256(plugin.module)}\n`);
}

const trust = join(FOLDER, 'trust-root');
mkdirSync(trust, { recursive: true });
const now = Date.now();
const pinned = { keys: [root.publicKeyPem], threshold: 1 };
const document = canonicalJson({
  version: Math.floor(now / 1000),
  expiresAt: now + 3 * YEAR,
  root: pinned,
  publishers: [
    {
      name: 'maestro',
      namespaces: ['plugin.'],
      threshold: 1,
      keys: [{ pem: publisher.publicKeyPem, validFrom: 0, validUntil: now + 3 * YEAR, revoked: false }],
    },
  ],
  builders: [BUILDER],
  revokedDigests: [],
  minimumVersions: {},
  licenses: [...DEFAULT_POLICY.licenses],
  requireCatalog: false,
});
writeFileSync(join(trust, 'pinned-root.json'), `${JSON.stringify(pinned, null, 2)}\n`);
writeFileSync(join(trust, 'trust-root.jsonl'), await writeBundle(root, TRUST_ROOT_TYPE, Buffer.from(document)));
