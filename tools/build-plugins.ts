import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import { buildPlugin } from '#adapters/plugin-build/build.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { systemRandom } from '#kernel/random.ts';
import { sha256 } from '#kernel/digest.ts';
import { DEFAULT_POLICY, packPlugin, TRUST_ROOT_TYPE, writeBundle } from '#plugins/index.ts';

/**
 * Builds the shipped plugins, signs them and writes the trust root that names the signing key. The private key stays in
 * `.maestro/keys/`, outside the repository; with a new key everything is signed anew and the trust root's version rises.
 */
const FOLDER = join(import.meta.dirname, '..', 'plugins');
const BUILDER = 'https://maestro-conductor.dev/builders/tools/build-plugins';
const YEAR = 365 * 24 * 3600 * 1000;
const signer = await openKey({
  dir: join(import.meta.dirname, '..', '.maestro', 'keys'),
  name: 'plugins',
  algorithm: 'ecdsa-p256-sha256',
  random: systemRandom,
});

for (const name of readdirSync(FOLDER)) {
  const folder = join(FOLDER, name);
  if (!readdirSync(folder).includes('manifest.yaml')) continue;
  const built = await buildPlugin(folder);
  const manifest = readFileSync(join(folder, 'manifest.yaml'));
  const plugin = await packPlugin({ ...built, manifest, builder: BUILDER, signers: [signer] });
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
const root = { keys: [signer.publicKeyPem], threshold: 1 };
const document = canonicalJson({
  version: Math.floor(now / 1000),
  expiresAt: now + 3 * YEAR,
  root,
  publishers: [
    {
      name: 'maestro',
      namespaces: ['plugin.'],
      threshold: 1,
      keys: [{ pem: signer.publicKeyPem, validFrom: 0, validUntil: now + 3 * YEAR, revoked: false }],
    },
  ],
  builders: [BUILDER],
  revokedDigests: [],
  minimumVersions: {},
  licenses: [...DEFAULT_POLICY.licenses],
  requireCatalog: false,
});
writeFileSync(join(trust, 'pinned-root.json'), `${JSON.stringify(root, null, 2)}\n`);
writeFileSync(join(trust, 'trust-root.jsonl'), await writeBundle(signer, TRUST_ROOT_TYPE, Buffer.from(document)));
