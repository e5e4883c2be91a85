import { canonicalJson } from '#kernel/canonical-json.ts';
import { systemClock } from '#kernel/clock.ts';
import { askPolicy, builtinPolicy, DEFAULT_POLICY } from '#plugins/builtin-policy.ts';
import { acceptCatalog, signCatalog } from '#plugins/market/catalog.ts';
import { packPlugin } from '#plugins/pack.ts';
import { NOTHING, DEFAULT_LIMITS } from '#plugins/permissions.ts';
import type { PluginPolicy, PluginQuestion, Signer } from '#plugins/ports.ts';
import { writeBundle } from '#plugins/provenance/bundle.ts';
import { PAYLOAD_TYPE } from '#plugins/provenance/statement.ts';
import { acceptTrustRoot, TRUST_ROOT_TYPE, type TrustRoot } from '#plugins/provenance/trust-root.ts';
import { type PluginPackage, verifyPackage } from '#plugins/provenance/verify.ts';
import { freshSigner } from '../fresh-signer.ts';
import { ACME } from '../shipped.ts';
import { ECHO, wat } from '../wat.ts';
import { verifyKey } from '#plugins/provenance/keys.ts';
import type { Attack } from './lab.ts';
import { allowedUnlessDenied, signatureHolds } from './naive.ts';

const NOW = 1_800_000_000_000;
const YEAR = 31_536_000_000;
const BUILDER = 'https://example.com/builder';
const [root, acme, acmeSecond, other] = [freshSigner(), freshSigner(), freshSigner(), freshSigner()];
const stranger = freshSigner();

const manifest = (change: (text: string) => string = (text) => text): Buffer =>
  Buffer.from(
    change(`id: acme.echo@v1
version: 1.2.0
publisher: acme
license: MIT
capabilities: { inputs: [], outputs: [] }
`),
  );

function trust(change: (root: TrustRoot) => TrustRoot = (same) => same): TrustRoot {
  const key = (signer: Signer) => ({ pem: signer.publicKeyPem, validFrom: 0, validUntil: NOW + YEAR, revoked: false });
  return change({
    version: 5,
    expiresAt: NOW + YEAR,
    root: { keys: [root.publicKeyPem], threshold: 1 },
    publishers: [
      { name: 'acme', namespaces: ['acme.'], threshold: 1, keys: [key(acme), key(acmeSecond)] },
      { name: 'other', namespaces: ['other.'], threshold: 1, keys: [key(other)] },
    ],
    builders: [BUILDER],
    revokedDigests: [],
    minimumVersions: {},
    licenses: ['MIT'],
    requireCatalog: false,
  });
}

async function pack(
  options: { manifest?: Buffer; signers?: readonly Signer[]; builder?: string; license?: string } = {},
): Promise<PluginPackage> {
  return packPlugin({
    manifest: options.manifest ?? manifest(),
    module: await wat(ECHO),
    components: [{ name: 'runtime', version: '1.0.0', license: options.license ?? 'MIT' }],
    builder: options.builder ?? BUILDER,
    sourceDigest: '0'.repeat(64),
    signers: options.signers ?? [acme],
  });
}

const flip = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, index) => (index === bytes.length - 2 ? byte ^ 1 : byte));

// oxlint-disable-next-line typescript/no-explicit-any -- bundles are taken apart by hand here
function rewrite(plugin: PluginPackage, change: (bundle: any) => void): PluginPackage {
  const bundle = JSON.parse(plugin.bundle);
  change(bundle);
  return { ...plugin, bundle: JSON.stringify(bundle) };
}

/** The statement changed and signed again by the right key: what only the content can give away. */
async function resigned(change: (text: string) => string, type = PAYLOAD_TYPE): Promise<PluginPackage> {
  const plugin = await pack();
  const payload = Buffer.from(JSON.parse(plugin.bundle).dsseEnvelope.payload, 'base64').toString();
  return { ...plugin, bundle: await writeBundle(acme, type, Buffer.from(change(payload))) };
}

async function withSbom(change: (text: string) => string, sign = true): Promise<PluginPackage> {
  const plugin = await pack();
  const sbom = Buffer.from(change(Buffer.from(plugin.sbom).toString()));
  if (!sign) return { ...plugin, sbom };
  const digest = async (bytes: Uint8Array): Promise<string> =>
    Buffer.from(await crypto.subtle.digest('SHA-256', bytes.slice())).toString('hex');
  const [before, after] = [await digest(plugin.sbom), await digest(sbom)];
  return { ...(await resigned((text) => text.replaceAll(before, after))), sbom };
}

const revokeKey = (one: TrustRoot): TrustRoot => ({
  ...one,
  publishers: one.publishers.map((each) => ({ ...each, keys: each.keys.map((key) => ({ ...key, revoked: true })) })),
});
const endKey = (one: TrustRoot): TrustRoot => ({
  ...one,
  publishers: one.publishers.map((each) => ({
    ...each,
    keys: each.keys.map((key) => ({ ...key, validUntil: NOW - 1 })),
  })),
});
const two = (one: TrustRoot): TrustRoot => ({
  ...one,
  publishers: one.publishers.map((each) => ({ ...each, threshold: 2 })),
});
const latin = (text: string): string => text.replaceAll('acme.echo', 'acme.evil');

type Tamper = readonly [
  row: number,
  name: string,
  code: string,
  plugin: () => Promise<PluginPackage>,
  trust?: TrustRoot,
  highest?: string,
];

const moduleDigest = async (): Promise<string> => {
  const { module } = await pack();
  return Buffer.from(await crypto.subtle.digest('SHA-256', module.slice())).toString('hex');
};

const TAMPERS: readonly Tamper[] = [
  [
    20,
    'a byte of the module',
    'MODULE_DIGEST',
    async () => pack().then((one) => ({ ...one, module: flip(one.module) })),
  ],
  [
    20,
    'a byte of the manifest',
    'MANIFEST_DIGEST',
    async () => pack().then((one) => ({ ...one, manifest: manifest((text) => `${text}summary: x\n`) })),
  ],
  [20, 'a byte of the SBOM', 'SBOM_DIGEST', async () => withSbom((text) => text.replace('runtime', 'runtimf'), false)],
  [
    20,
    'a byte of the payload',
    'SIGNATURE_INVALID',
    async () =>
      rewrite(await pack(), (bundle) => {
        bundle.dsseEnvelope.payload = Buffer.from(flip(Buffer.from(bundle.dsseEnvelope.payload, 'base64'))).toString(
          'base64',
        );
      }),
  ],
  [
    20,
    'a byte of the signature',
    'SIGNATURE_INVALID',
    async () =>
      rewrite(await pack(), (bundle) => {
        bundle.dsseEnvelope.signatures[0].sig = Buffer.from(
          flip(Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64')),
        ).toString('base64');
      }),
  ],
  [20, 'a key that nobody knows', 'KEY_UNKNOWN', () => pack({ signers: [stranger] })],
  [
    20,
    'the hint of another key',
    'SIGNATURE_INVALID',
    async () =>
      rewrite(await pack(), (bundle) => {
        bundle.verificationMaterial.publicKey.hint = acmeSecond.keyId;
      }),
  ],
  [20, 'the key of another publisher', 'KEY_FOREIGN', () => pack({ signers: [other] })],
  [
    20,
    'a name in the namespace of another',
    'NAMESPACE',
    () => pack({ manifest: manifest((text) => text.replace('acme.echo', 'other.echo')) }),
  ],
  [20, 'another payload type', 'PAYLOAD_TYPE', () => resigned((text) => text, 'text/plain')],
  [
    20,
    'another statement type',
    'STATEMENT_TYPE',
    () => resigned((text) => text.replace('Statement/v1', 'Statement/v0')),
  ],
  [
    20,
    'another predicate type',
    'PREDICATE_TYPE',
    () => resigned((text) => text.replace('provenance/v1', 'provenance/v0')),
  ],
  [20, 'subjects of another plugin', 'SUBJECT_NAME', () => resigned(latin)],
  [
    20,
    'swapped names of subjects',
    'MANIFEST_DIGEST',
    () =>
      resigned((text) =>
        text.replace('manifest.yaml', 'XX').replace('module.wasm', 'manifest.yaml').replace('XX', 'module.wasm'),
      ),
  ],
  [
    20,
    'the build of another version',
    'PROVENANCE_MISMATCH',
    () => resigned((text) => text.replace('"version":"1.2.0"', '"version":"1.1.0"')),
  ],
  [20, 'a builder that nobody knows', 'BUILDER_UNKNOWN', () => pack({ builder: 'https://evil.example' })],
  [20, 'an expired key', 'KEY_EXPIRED', () => pack(), trust(endKey)],
  [20, 'a revoked key', 'KEY_REVOKED', () => pack(), trust(revokeKey)],
  [
    20,
    'no signatures',
    'SIGNATURE_MISSING',
    async () =>
      rewrite(await pack(), (bundle) => {
        bundle.dsseEnvelope.signatures = [];
      }),
  ],
  [
    20,
    'two signatures in one bundle',
    'SIGNATURE_COUNT',
    async () =>
      rewrite(await pack(), (bundle) => {
        bundle.dsseEnvelope.signatures.push({ sig: 'AAAA' });
      }),
  ],
  [
    20,
    'two bundles, one bad',
    'SIGNATURE_INVALID',
    async () => {
      const [good, second] = [await pack(), await pack({ signers: [acmeSecond] })];
      const bad = rewrite(second, (bundle) => {
        bundle.dsseEnvelope.signatures[0].sig = JSON.parse(good.bundle).dsseEnvelope.signatures[0].sig;
      });
      return { ...good, bundle: `${good.bundle}\n${bad.bundle}` };
    },
  ],
  [20, 'one key twice where two are needed', 'THRESHOLD', () => pack({ signers: [acme, acme] }), trust(two)],
  [20, 'unsigned', 'UNSIGNED', async () => ({ ...(await pack()), bundle: '' })],
  [20, 'something that is no bundle', 'BUNDLE_MALFORMED', async () => ({ ...(await pack()), bundle: '{}' })],
  [
    20,
    'a publisher that nobody knows',
    'PUBLISHER_UNKNOWN',
    () => pack({ manifest: manifest((text) => text.replace('publisher: acme', 'publisher: evil')) }),
  ],
  [
    20,
    'a manifest that is none',
    'MANIFEST_INVALID',
    async () => ({ ...(await pack()), manifest: Buffer.from('id: 1') }),
  ],
  [20, 'an expired trust root', 'TRUST_EXPIRED', () => pack(), trust((one) => ({ ...one, expiresAt: NOW - 1 }))],
  [
    21,
    'an SBOM of another module',
    'SBOM_HASH',
    () => withSbom((text) => text.replace(/"content":"[0-9a-f]{8}/, '"content":"00000000')),
  ],
  [21, 'an SBOM of another version', 'SBOM_VERSION', () => withSbom((text) => text.replaceAll('1.2.0', '1.2.1'))],
  [
    21,
    'an SBOM of another licence',
    'SBOM_LICENSE',
    () => withSbom((text) => text.replaceAll('"expression":"MIT"', '"expression":"ISC"')),
  ],
  [21, 'no SBOM', 'SBOM_MISSING', () => withSbom(() => '')],
  [21, 'an SBOM that is none', 'SBOM_MALFORMED', () => withSbom(() => '{}')],
  [21, 'a component under a licence that is not allowed', 'LICENSE_DENIED', () => pack({ license: 'GPL-3.0-only' })],
  [
    22,
    'below the minimum version',
    'VERSION_MINIMUM',
    () => pack(),
    trust((one) => ({ ...one, minimumVersions: { 'acme.echo': '1.3.0' } })),
  ],
  [22, 'older than what was installed', 'VERSION_ROLLBACK', () => pack(), trust(), '1.2.1'],
];

const question: PluginQuestion = {
  moment: 'load',
  tenant: ACME,
  id: 'acme.echo',
  version: '1.0.0',
  publisher: 'acme',
  license: 'MIT',
  digest: '0',
  permissions: NOTHING,
  limits: DEFAULT_LIMITS,
  verified: true,
};
const answers = (answer: unknown): PluginPolicy => ({ name: 'test', decide: async () => answer as never });
const POLICIES: readonly (readonly [string, string, PluginPolicy])[] = [
  ['throws', 'POLICY_DOWN', { name: 'test', decide: () => Promise.reject(new Error('down')) }],
  ['never answers', 'POLICY_DOWN', { name: 'test', decide: () => new Promise(() => undefined) }],
  ['answers undefined', 'POLICY_DOWN', answers(undefined)],
  ['answers with more than was asked', 'POLICY_DOWN', answers({ allow: true, reasons: [], bypass: true })],
  [
    'allows and gives reasons',
    'POLICY_DOWN',
    answers({ allow: true, reasons: [{ code: 'X', msg: '', field: '', fix: '' }] }),
  ],
  ['answers with a word for true', 'POLICY_DOWN', answers({ allow: 'true', reasons: [] })],
  ['denies without a reason', 'POLICY_DOWN', answers({ allow: false, reasons: [] })],
];

async function rootBundles(change: Partial<TrustRoot>, signer = root): Promise<string> {
  return writeBundle(signer, TRUST_ROOT_TYPE, Buffer.from(canonicalJson({ ...trust(), ...change })));
}

const CATALOG_TYPE = 'application/vnd.maestro.catalog.v1+json';
/** All keys that the naive loader knows; it does not ask whose they are. */
const KNOWN = [root, acme, acmeSecond, other].flatMap(({ publicKeyPem }) => verifyKey(publicKeyPem) ?? []);
/** Refusals of the signature itself: only a loader that checks none takes these packages. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'SIGNATURE_INVALID',
  'SIGNATURE_MISSING',
  'SIGNATURE_COUNT',
  'KEY_UNKNOWN',
  'UNSIGNED',
  'BUNDLE_MALFORMED',
  'PAYLOAD_TYPE',
]);
const compiles = ({ module }: PluginPackage): boolean => WebAssembly.validate(module.slice());

export const PACKAGE_ATTACKS: readonly Attack[] = [
  ...TAMPERS.map(([row, name, expect, plugin, root_ = trust(), highest = null]) => ({
    row,
    name,
    naive: async () =>
      UNSIGNED.has(expect) ? compiles(await plugin()) : signatureHolds((await plugin()).bundle, PAYLOAD_TYPE, KNOWN),
    attack: async () => {
      const answer = verifyPackage(await plugin(), { trust: root_, now: NOW, highestSeen: highest });
      return { code: answer.ok ? 'ACCEPTED' : (answer.reasons[0]?.code ?? '') };
    },
    expect,
  })),
  {
    row: 20,
    name: 'a revoked digest',
    naive: async () => signatureHolds((await pack()).bundle, PAYLOAD_TYPE, KNOWN),
    attack: async () => {
      const revoked = trust((one) => ({ ...one, revokedDigests: [] }));
      revoked.revokedDigests.push(await moduleDigest());
      const answer = verifyPackage(await pack(), { trust: revoked, now: NOW, highestSeen: null });
      return { code: answer.ok ? 'ACCEPTED' : (answer.reasons[0]?.code ?? '') };
    },
    expect: 'DIGEST_REVOKED',
  },
  ...(
    [
      ['a replayed trust root', 'TRUST_ROLLBACK', () => rootBundles({ version: 4 })],
      ['an expired trust root', 'TRUST_EXPIRED', () => rootBundles({ expiresAt: NOW })],
      ['a trust root of a stranger', 'TRUST_KEY_UNKNOWN', () => rootBundles({}, stranger)],
      [
        'new root keys that did not sign themselves',
        'TRUST_THRESHOLD',
        () => rootBundles({ root: { keys: [stranger.publicKeyPem], threshold: 1 } }),
      ],
      ['a trust root that is none', 'TRUST_MALFORMED', () => writeBundle(root, TRUST_ROOT_TYPE, Buffer.from('{}'))],
    ] as const
  ).map(([name, expect, bundles]) => ({
    row: 22,
    name,
    ...(UNSIGNED.has(expect.replace('TRUST_', ''))
      ? {}
      : { naive: async () => signatureHolds(await bundles(), TRUST_ROOT_TYPE, KNOWN) }),
    attack: async () => {
      const answer = acceptTrustRoot(await bundles(), { root: trust().root, version: 5 }, NOW);
      return { code: answer.ok ? 'ACCEPTED' : (answer.reasons[0]?.code ?? '') };
    },
    expect,
  })),
  ...(
    [
      ['a replayed catalog', 'CATALOG_ROLLBACK', () => signCatalog([root], [], 6, NOW + YEAR)],
      ['a frozen catalog', 'CATALOG_EXPIRED', () => signCatalog([root], [], 8, NOW)],
      ['a catalog of a stranger', 'CATALOG_KEY_UNKNOWN', () => signCatalog([stranger], [], 8, NOW + YEAR)],
      ['no catalog', 'CATALOG_UNSIGNED', async () => ''],
      ['a catalog that is none', 'CATALOG_MALFORMED', () => writeBundle(root, CATALOG_TYPE, Buffer.from('{}'))],
    ] as const
  ).map(([name, expect, bundles]) => ({
    row: 22,
    name,
    ...(UNSIGNED.has(expect.replace('CATALOG_', ''))
      ? {}
      : { naive: async () => signatureHolds(await bundles(), CATALOG_TYPE, KNOWN) }),
    attack: async () => {
      const answer = acceptCatalog(await bundles(), trust(), 7, NOW);
      return { code: answer.ok ? 'ACCEPTED' : (answer.reasons[0]?.code ?? '') };
    },
    expect,
  })),
  ...POLICIES.map(([name, expect, policy]) => ({
    row: 24,
    name: `a policy that ${name}`,
    ...(name === 'denies without a reason'
      ? {}
      : { naive: () => allowedUnlessDenied(() => policy.decide(question, new AbortController().signal)) }),
    attack: async () => ({ code: (await askPolicy(policy, question, systemClock))[0]?.code ?? 'ALLOWED' }),
    expect,
  })),
  {
    row: 24,
    name: 'an unverified plugin before the built-in policy',
    attack: async () => ({
      code: (await askPolicy(builtinPolicy(), { ...question, verified: false }, systemClock))[0]?.code ?? 'ALLOWED',
    }),
    expect: 'UNVERIFIED',
  },
  {
    row: 24,
    name: 'a tenant that may not use plugins',
    attack: async () => {
      const policy = builtinPolicy({ ...DEFAULT_POLICY, closedTenants: [ACME] });
      return { code: (await askPolicy(policy, question, systemClock))[0]?.code ?? 'ALLOWED' };
    },
    expect: 'TENANT_CLOSED',
  },
  {
    row: 24,
    name: 'an empty grant',
    attack: (lab) =>
      lab.run(
        '(module (import "maestro:log@1" "write" (func (param i32 i32 i32))) (memory (export "memory") 1) (func (export "run") (param i32 i32) (result i64) (i64.const 0)) (func (export "alloc") (param i32) (result i32) (i32.const 0)))',
        { permissions: NOTHING },
      ),
    expect: 'LINK_DENY',
  },
];
