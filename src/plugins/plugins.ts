import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { PluginIdentity } from '#domain/plugin-identity.ts';
import type { Reason } from '#domain/reason.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import { admit } from './admit.ts';
import { askPolicy } from './builtin-policy.ts';
import { editsSchema, planEdits } from './edits.ts';
import { PluginError } from './errors.ts';
import { callFix } from './fixes.ts';
import { acceptCatalog } from './market/catalog.ts';
import { readManifest } from './manifest.ts';
import { fetchPackage, listings } from './market/oci.ts';
import { choose } from './market/search.ts';
import { NOTHING, permissionDiff, rightsOf } from './permissions.ts';
import type {
  AdmittedModule,
  BlobStore,
  CallMeters,
  CallReport,
  Grant,
  Permissions,
  PluginBooks,
  PluginPolicy,
  PluginQuestion,
  PluginRunner,
  WorkspaceFiles,
} from './ports.ts';
import { type PluginPackage, type Verified, verifyPackage } from './provenance/verify.ts';
import { strictJson } from './strict-json.ts';
import { type PluginTool, toolOf } from './tool.ts';
import { currentTrust, type PinnedRoot } from './trust.ts';
import { compareVersions } from './version.ts';

export interface PluginsOptions {
  readonly store: BlobStore;
  readonly books: PluginBooks;
  readonly policy: PluginPolicy;
  readonly runner: PluginRunner;
  readonly files: WorkspaceFiles;
  readonly clock: Clock;
  readonly pinnedRoot: PinnedRoot;
}

/** What a person sees before a plugin is installed: who it is, what it may do, what changes. */
export interface InstallPlan {
  readonly verified: Verified;
  readonly image: string;
  readonly rights: readonly string[];
  readonly more: readonly string[];
  readonly less: readonly string[];
}

export type Refused = { readonly ok: false; readonly reasons: readonly Reason[] };
/** A plugin that was verified and admitted a moment ago: the very bytes that a run of it will execute. */
export interface Proved {
  readonly ok: true;
  readonly verified: Verified;
  readonly module: AdmittedModule;
  readonly granted: Permissions;
  readonly identity: PluginIdentity;
}

export type RunResult =
  | {
      readonly ok: true;
      readonly output: Json;
      readonly meters: CallMeters;
      readonly identity: PluginIdentity;
      /** Paths that the plugin's edits changed. */
      readonly edited: readonly string[];
    }
  | { readonly ok: false; readonly code: string; readonly reasons: readonly Reason[]; readonly meters?: CallMeters };

/** Installs and runs plugins. Nothing is loaded that was not verified and allowed by policy in the same breath. */
export class Plugins {
  readonly #options: PluginsOptions;
  readonly #admitted = new Map<string, AdmittedModule>();

  constructor(options: PluginsOptions) {
    this.#options = options;
  }

  /** What installing would mean. `catalog` is needed where the trust root demands one. */
  async plan(tenant: TenantId, reference: string, catalog = ''): Promise<{ ok: true; plan: InstallPlan } | Refused> {
    const { store, books, policy, clock } = this.#options;
    const listing = choose(await listings(store), reference);
    if (listing === null) throw new PluginError('PLUGIN_UNKNOWN', `there is no ${reference} in the store`);
    const offered = await this.#catalogReasons(catalog, listing.digest);
    if (offered.length > 0) return { ok: false, reasons: offered };
    const answer = await this.#verify(await fetchPackage(store, listing.digest), await this.#highest(listing.name));
    if (!answer.ok) return answer;
    const { verified } = answer;
    const denied = await askPolicy(policy, question('grant', tenant, verified), clock);
    if (denied.length > 0) return { ok: false, reasons: denied };
    const { permissions, name } = verified.manifest;
    const before = (await books.grants(tenant)).find(({ plugin, withdrawn }) => plugin === name && !withdrawn);
    const diff = permissionDiff(before?.granted ?? NOTHING, permissions);
    return { ok: true, plan: { verified, image: listing.digest, rights: rightsOf(permissions), ...diff } };
  }

  /** Installs or upgrades what was planned and approved; from now on no older version is accepted. */
  async install(tx: Tx, tenant: TenantId, { verified, image }: InstallPlan, approvedBy: PrincipalId): Promise<void> {
    const { manifest, digests, manifestText } = verified;
    await this.#options.books.grant(tx, tenant, {
      plugin: manifest.name,
      version: manifest.version,
      image,
      module: digests.module,
      manifest: manifestText,
      granted: manifest.permissions,
      approvedBy,
      approvedAt: this.#options.clock.now(),
    });
  }

  async list(tenant: TenantId): Promise<readonly PluginTool[]> {
    const grants = await this.#options.books.grants(tenant);
    return grants.filter(({ withdrawn }) => !withdrawn).map((grant) => toolOf(grant, readManifest(grant.manifest)));
  }

  /** From now on no tenant of this installation runs the module, whatever the trust root says. */
  async revoke(digest: string, because: string): Promise<void> {
    await this.#options.books.revoke(digest, because, this.#options.clock.now());
  }

  /** Throws PLUGIN_UNKNOWN when the tenant does not have it. */
  async remove(tx: Tx, tenant: TenantId, id: string): Promise<void> {
    if (!(await this.#options.books.withdraw(tx, tenant, id)))
      throw new PluginError('PLUGIN_UNKNOWN', `${id} is not installed for ${tenant}`);
  }

  /** Runs what was proved on a workspace. Edits that it proposes are applied all or none, where its grant lets it. */
  async run(
    { verified, module, granted, identity }: Proved,
    request: { input: Json; workspace: string | null; seed?: number },
    signal: AbortSignal,
  ): Promise<RunResult> {
    const report = await this.#options.runner.call(
      {
        module,
        input: Buffer.from(JSON.stringify(request.input)),
        root: request.workspace,
        permissions: granted,
        limits: verified.manifest.limits,
        seed: request.seed ?? 1,
        startMs: 0,
      },
      signal,
    );
    const meters = metersOf(report);
    if (!report.ok) return { ...failure(report.code, 'call', report.message), meters };
    const output = readOutput(report.output, verified.manifest.output);
    if ('fault' in output) return { ...failure('OUTPUT_INVALID', 'output', output.fault), meters };
    const applied = await this.#applyEdits(output.value, granted, request.workspace);
    if (!applied.ok) return { ok: false, code: applied.reasons[0]?.code ?? 'EDIT', reasons: applied.reasons, meters };
    return { ok: true, output: output.value, meters, identity, edited: applied.edited };
  }

  async #applyEdits(
    output: Json,
    granted: Permissions,
    root: string | null,
  ): Promise<{ ok: true; edited: readonly string[] } | Refused> {
    const proposed = typeof output === 'object' && output !== null && 'edits' in output ? output['edits'] : undefined;
    if (proposed === undefined || root === null || granted.fs_edit.length === 0) return { ok: true, edited: [] };
    const edits = editsSchema.safeParse(proposed).data;
    if (edits === undefined)
      return { ok: false, reasons: [reason('EDIT_MALFORMED', 'edits', 'the edits are not ranges of files')] };
    const contents = new Map<string, Uint8Array>();
    for (const { path } of edits) {
      const bytes = await this.#options.files.read(root, path);
      if (bytes !== null) contents.set(path, bytes);
    }
    const plan = planEdits(edits, granted.fs_edit, contents);
    if (!plan.ok) return plan;
    await this.#options.files.replace(root, plan.files);
    return { ok: true, edited: plan.files.map(({ path }) => path) };
  }

  /** Proves a tenant's plugin, anew each time: grant, signatures, SBOM, revocation, versions, rights, and the module itself. */
  async prove(tenant: TenantId, id: string): Promise<Proved | Refused> {
    const { store, books, policy, clock, runner } = this.#options;
    const grant = (await books.grants(tenant)).find(({ plugin, withdrawn }) => plugin === id && !withdrawn);
    if (grant === undefined)
      return { ok: false, reasons: [reason('NOT_INSTALLED', 'id', `${id} is not installed for ${tenant}`)] };
    const plugin = await fetchPackage(store, grant.image);
    const answer = await this.#verify(plugin, null); // the grant names these very bytes; who wants them gone revokes them
    if (!answer.ok) return answer;
    const { verified } = answer;
    const { permissions } = verified.manifest;
    const { more } = permissionDiff(grant.granted, permissions);
    if (more.length > 0)
      return { ok: false, reasons: [reason('GRANT_MISSING', 'permissions', `not granted: ${more.join(', ')}`)] };
    const denied = await askPolicy(policy, question('load', tenant, verified), clock);
    if (denied.length > 0) return { ok: false, reasons: denied };
    const admitted = this.#admit(plugin.module, verified);
    if (!admitted.ok) return admitted;
    const { module } = admitted;
    const identity = identityOf(verified, module, grant, runner.walls);
    return { ok: true, verified, module, granted: permissions, identity };
  }

  /** The bytes given here are the ones that were hashed and verified, and the ones that are instrumented and compiled. */
  #admit(bytes: Uint8Array, { digests, manifest }: Verified): { ok: true; module: AdmittedModule } | Refused {
    const key = `${digests.module} ${digests.manifest}`;
    const known = this.#admitted.get(key);
    if (known !== undefined) return { ok: true, module: known };
    const { permissions, limits } = manifest;
    const admission = admit({ bytes, permissions, limits });
    if (admission.ok) this.#admitted.set(key, admission.module);
    return admission;
  }

  async #verify(
    plugin: PluginPackage,
    highestSeen: string | null,
  ): Promise<{ ok: true; verified: Verified } | Refused> {
    const { books, clock, pinnedRoot } = this.#options;
    const now = clock.now();
    const trust = await currentTrust(books, pinnedRoot, now);
    if (!trust.ok) return trust;
    const answer = verifyPackage(plugin, { trust: trust.root, now, highestSeen });
    if (!answer.ok) return answer;
    const because = await books.revoked(answer.verified.digests.module);
    if (because === null) return answer;
    return { ok: false, reasons: [reason('DIGEST_REVOKED', 'digest', `revoked here: ${because}`)] };
  }

  async #highest(name: string): Promise<string | null> {
    return (await this.#options.books.versions(name)).toSorted(compareVersions).at(-1) ?? null;
  }

  async #catalogReasons(bundles: string, digest: string): Promise<readonly Reason[]> {
    const { books, clock, pinnedRoot } = this.#options;
    const trust = await currentTrust(books, pinnedRoot, clock.now());
    if (!trust.ok) return trust.reasons;
    if (!trust.root.requireCatalog && bundles === '') return [];
    const seen = (await books.document('catalog'))?.version ?? 0;
    const answer = acceptCatalog(bundles, trust.root, seen, clock.now());
    if (!answer.ok) return answer.reasons;
    if (!answer.catalog.plugins.some((each) => each.digest === digest))
      return [reason('CATALOG_UNLISTED', 'catalog', `the catalog does not list ${digest}`)];
    await books.replaceDocument('catalog', { bundles, version: answer.catalog.version });
    return [];
  }
}

function identityOf(
  { manifest, digests, builder, keyIds }: Verified,
  { instrumentedDigest }: AdmittedModule,
  { granted }: Grant,
  walls: readonly string[],
): PluginIdentity {
  const { name: id, version } = manifest;
  return { id, version, digests, instrumentedDigest, builder, keyIds, granted: rightsOf(granted), walls };
}

function question(moment: PluginQuestion['moment'], tenant: TenantId, verified: Verified): PluginQuestion {
  const { name, version, publisher, license, permissions, limits } = verified.manifest;
  return {
    moment,
    tenant,
    id: name,
    version,
    publisher,
    license,
    digest: verified.digests.module,
    permissions,
    limits,
    verified: true,
  };
}

function metersOf(report: CallReport): CallMeters {
  const { fuel, wallMs, memoryBytes, hostCalls, bytesRead, refusals, log } = report;
  return { fuel, wallMs, memoryBytes, hostCalls, bytesRead, refusals, log };
}

function readOutput(
  bytes: Uint8Array,
  kind: 'json' | 'text' | 'bytes',
): { readonly value: Json } | { readonly fault: string } {
  if (kind === 'json') return strictJson(bytes);
  if (kind === 'bytes') return { value: Buffer.from(bytes).toString('base64') };
  try {
    return { value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'the output is not UTF-8' };
  }
}

function failure(code: string, field: string, msg: string): { ok: false; code: string; reasons: readonly Reason[] } {
  return { ok: false, code, reasons: [reason(code, field, msg)] };
}

function reason(code: string, field: string, msg: string): Reason {
  return { code, field, msg, fix: callFix(code) };
}
