import type { Reason } from '#domain/reason.ts';
import { sha256 } from '#kernel/digest.ts';
import { compareVersions } from '../version.ts';
import { licenseAllowed } from '../license.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { PluginError } from '../errors.ts';
import { packageFix } from '../fixes.ts';
import { readSbom } from './sbom.ts';
import { readSigned } from './signed.ts';
import {
  type PackageBytes,
  PAYLOAD_TYPE,
  PREDICATE_TYPE,
  STATEMENT_TYPE,
  statementSchema,
  subjectNames,
} from './statement.ts';
import { keysOf, parseJson, type Publisher, type TrustRoot } from './trust-root.ts';

export interface PluginPackage extends PackageBytes {
  /** Sigstore bundles, one a line; empty when unsigned. */
  readonly bundle: string;
}

/** What was proved about a package, for the policy, the listing and the evidence. */
export interface Verified {
  readonly manifest: Manifest;
  /** The manifest as it was signed. */
  readonly manifestText: string;
  readonly digests: { readonly module: string; readonly manifest: string; readonly sbom: string };
  readonly keyIds: readonly string[];
  readonly builder: string;
  readonly trustRootVersion: number;
}

export type VerifyAnswer =
  | { readonly ok: true; readonly verified: Verified }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

export interface VerifyContext {
  readonly trust: TrustRoot;
  readonly now: number;
  /** Highest version of this plugin that was ever installed; lower ones are a rollback. */
  readonly highestSeen: string | null;
}

/** Proves a package or names the first thing that is wrong, each kind of tampering under its own code. */
export function verifyPackage(plugin: PluginPackage, context: VerifyContext): VerifyAnswer {
  try {
    const manifest = readManifest(new TextDecoder('utf-8', { fatal: true }).decode(plugin.manifest));
    return { ok: true, verified: prove(plugin, manifest, context) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reasons: [error.reason] };
    if (error instanceof PluginError || error instanceof TypeError)
      return { ok: false, reasons: [refusal('MANIFEST_INVALID', 'manifest', error.message)] };
    throw error;
  }
}

class Refused extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.msg);
    this.reason = reason;
  }
}

function refusal(code: string, field: string, msg: string): Reason {
  return { code, field, msg, fix: packageFix(code) };
}

function demand(holds: boolean, code: string, field: string, msg: string): asserts holds {
  if (!holds) throw new Refused(refusal(code, field, msg));
}

function prove(plugin: PluginPackage, manifest: Manifest, { trust, now, highestSeen }: VerifyContext): Verified {
  const { name, version } = manifest;
  demand(trust.expiresAt > now, 'TRUST_EXPIRED', 'trust-root', `the trust root expired at ${trust.expiresAt}`);
  const digests = { module: sha256(plugin.module), manifest: sha256(plugin.manifest), sbom: sha256(plugin.sbom) };
  const revoked = Object.values(digests).find((digest) => trust.revokedDigests.includes(digest));
  demand(revoked === undefined, 'DIGEST_REVOKED', 'digest', `${revoked} was revoked`);
  const publisher = trust.publishers.find((each) => each.name === manifest.publisher);
  demand(publisher !== undefined, 'PUBLISHER_UNKNOWN', 'publisher', `no publisher ${manifest.publisher} is trusted`);
  const { statement, keyIds } = readStatement(plugin.bundle, publisher, trust, now);
  demand(
    publisher.namespaces.some((namespace) => name.startsWith(namespace)),
    'NAMESPACE',
    'id',
    `${publisher.name} may not publish ${name}`,
  );
  const names = subjectNames(manifest);
  const subjects = new Map(statement.subject.map((subject) => [subject.name, subject.digest['sha256']]));
  for (const part of ['manifest', 'module', 'sbom'] as const) {
    demand(subjects.has(names[part]), 'SUBJECT_NAME', 'bundle', `the statement is not about ${names[part]}`);
    const code = `${part.toUpperCase()}_DIGEST`;
    demand(
      subjects.get(names[part]) === digests[part],
      code,
      part,
      `${part} has digest ${digests[part]}, another was signed`,
    );
  }
  const {
    plugin: built,
    version: builtVersion,
    publisher: builtBy,
  } = statement.predicate.buildDefinition.externalParameters;
  const agrees = built === name && builtVersion === version && builtBy === publisher.name;
  demand(agrees, 'PROVENANCE_MISMATCH', 'bundle', `the build was of ${built}@${builtVersion} for ${builtBy}`);
  proveSbom(plugin, manifest, digests.module, trust);
  const minimum = trust.minimumVersions[name] ?? '0.0.0';
  demand(
    compareVersions(version, minimum) >= 0,
    'VERSION_MINIMUM',
    'version',
    `${version} is below the minimum ${minimum}`,
  );
  demand(
    highestSeen === null || compareVersions(version, highestSeen) >= 0,
    'VERSION_ROLLBACK',
    'version',
    `${version} is older than ${highestSeen}, which was installed before`,
  );
  return {
    manifest,
    manifestText: new TextDecoder().decode(plugin.manifest),
    digests,
    keyIds,
    builder: statement.predicate.runDetails.builder.id,
    trustRootVersion: trust.version,
  };
}

function readStatement(bundle: string, publisher: Publisher, trust: TrustRoot, now: number) {
  const all = trust.publishers.flatMap((each) => each.keys.map(({ pem }) => pem));
  const signed = readSigned(bundle, { payloadType: PAYLOAD_TYPE, keys: keysOf(all), threshold: publisher.threshold });
  if (!signed.ok) throw new Refused(refusal(signed.code, 'bundle', signed.msg));
  for (const id of signed.keyIds) {
    const key = publisher.keys.find(({ pem }) => keysOf([pem])[0]?.id === id);
    demand(key !== undefined, 'KEY_FOREIGN', 'bundle', `key ${id} belongs to another publisher than ${publisher.name}`);
    demand(!key.revoked, 'KEY_REVOKED', 'bundle', `key ${id} was revoked`);
    demand(key.validFrom <= now && now < key.validUntil, 'KEY_EXPIRED', 'bundle', `key ${id} is not valid now`);
  }
  const json = parseJson(signed.payload);
  const statement = statementSchema.safeParse(json).data;
  demand(
    statement !== undefined && statement._type === STATEMENT_TYPE,
    'STATEMENT_TYPE',
    'bundle',
    'the payload is not an in-toto statement of a build',
  );
  demand(
    statement.predicateType === PREDICATE_TYPE,
    'PREDICATE_TYPE',
    'bundle',
    `predicate of type ${statement.predicateType}`,
  );
  const { id } = statement.predicate.runDetails.builder;
  demand(trust.builders.includes(id), 'BUILDER_UNKNOWN', 'bundle', `no builder ${id} is trusted`);
  return { statement, keyIds: signed.keyIds };
}

function proveSbom(plugin: PluginPackage, manifest: Manifest, module: string, trust: TrustRoot): void {
  demand(plugin.sbom.length > 0, 'SBOM_MISSING', 'sbom', 'there is no SBOM');
  const sbom = readSbom(parseJson(plugin.sbom));
  demand(sbom !== null, 'SBOM_MALFORMED', 'sbom', 'the SBOM is not CycloneDX JSON with component, hash and licence');
  demand(sbom.sha256 === module, 'SBOM_HASH', 'sbom', 'the SBOM is of another module');
  demand(
    sbom.name === manifest.name && sbom.version === manifest.version,
    'SBOM_VERSION',
    'sbom',
    `the SBOM is of ${sbom.name}@${sbom.version}`,
  );
  demand(
    sbom.license === manifest.license,
    'SBOM_LICENSE',
    'sbom',
    `the SBOM says ${sbom.license}, the manifest ${manifest.license}`,
  );
  for (const license of [sbom.license, ...sbom.componentLicenses])
    demand(licenseAllowed(license, trust.licenses), 'LICENSE_DENIED', 'license', `${license} is not allowed`);
}
