import type { TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { admit } from './admit.ts';
import { askPolicy } from './builtin-policy.ts';
import { editsSchema, planEdits } from './edits.ts';
import { PluginError } from './errors.ts';
import { type Installed, type InstalledPlugin, loadInstalled, saveInstalled } from './installed.ts';
import { acceptCatalog } from './market/catalog.ts';
import { fetchPackage, listings } from './market/oci.ts';
import { choose } from './market/search.ts';
import { permissionDiff, rightsOf } from './permissions.ts';
import type {
  AdmittedModule,
  BlobStore,
  CallMeters,
  CallReport,
  Permissions,
  PluginPolicy,
  PluginQuestion,
  PluginRunner,
  PluginState,
  WorkspaceFiles,
} from './ports.ts';
import { type PluginPackage, type Verified, verifyPackage } from './provenance/verify.ts';
import { strictJson } from './strict-json.ts';
import { currentTrust, type PinnedRoot } from './trust.ts';

export interface PluginsOptions {
  readonly store: BlobStore;
  readonly state: PluginState;
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

type Refused = { readonly ok: false; readonly reasons: readonly Reason[] };
type Loaded = {
  readonly ok: true;
  readonly verified: Verified;
  readonly module: AdmittedModule;
  readonly granted: Permissions;
};

/** What of a plugin goes into the evidence of every change that it touched. */
export interface PluginIdentity {
  readonly id: string;
  readonly version: string;
  readonly digests: Verified['digests'];
  readonly instrumentedDigest: string;
  readonly builder: string;
  readonly keyIds: readonly string[];
  readonly granted: readonly string[];
  readonly walls: readonly string[];
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
    const { store } = this.#options;
    const listing = choose(await listings(store), reference);
    if (listing === null) throw new PluginError('PLUGIN_UNKNOWN', `there is no ${reference} in the store`);
    const installed = await this.#installed();
    const offered = await this.#catalogReasons(catalog, listing.digest, installed);
    if (offered.length > 0) return { ok: false, reasons: offered };
    const answer = await this.#verify(await fetchPackage(store, listing.digest), installed);
    if (!answer.ok) return answer;
    const { manifest } = answer.verified;
    const denied = await askPolicy(
      this.#options.policy,
      question('grant', tenant, answer.verified),
      this.#options.clock,
    );
    if (denied.length > 0) return { ok: false, reasons: denied };
    const before = installed.tenants[tenant]?.[manifest.name]?.granted;
    const none: Permissions = { fs_read: [], fs_edit: [], regex: false, ast: false, log: false, kv: false };
    const diff = permissionDiff(before ?? none, manifest.permissions);
    return {
      ok: true,
      plan: { verified: answer.verified, image: listing.digest, rights: rightsOf(manifest.permissions), ...diff },
    };
  }

  /** Installs or upgrades what was planned and approved; the version becomes the lowest that is accepted from now on. */
  async install(tenant: TenantId, plan: InstallPlan, approvedBy: string): Promise<void> {
    const installed = await this.#installed();
    const { manifest, digests } = plan.verified;
    const entry: InstalledPlugin = {
      version: manifest.version,
      image: plan.image,
      module: digests.module,
      granted: copyPermissions(manifest.permissions),
      approvedBy,
      approvedAt: this.#options.clock.now(),
    };
    await saveInstalled(this.#options.state, {
      ...installed,
      tenants: { ...installed.tenants, [tenant]: { ...installed.tenants[tenant], [manifest.name]: entry } },
      highest: { ...installed.highest, [manifest.name]: manifest.version },
    });
  }

  async list(
    tenant: TenantId,
  ): Promise<readonly { id: string; version: string; digest: string; rights: readonly string[] }[]> {
    const { tenants } = await this.#installed();
    return Object.entries(tenants[tenant] ?? {}).map(([id, { version, module, granted }]) => ({
      id,
      version,
      digest: module,
      rights: rightsOf(granted),
    }));
  }

  /** From now on no tenant of this installation runs the module, whatever the trust root says. */
  async revoke(digest: string, because: string): Promise<void> {
    const installed = await this.#installed();
    await saveInstalled(this.#options.state, { ...installed, revoked: { ...installed.revoked, [digest]: because } });
  }

  async remove(tenant: TenantId, id: string): Promise<void> {
    const installed = await this.#installed();
    const { [id]: removed, ...kept } = installed.tenants[tenant] ?? {};
    if (removed === undefined) throw new PluginError('PLUGIN_UNKNOWN', `${id} is not installed`);
    await saveInstalled(this.#options.state, { ...installed, tenants: { ...installed.tenants, [tenant]: kept } });
  }

  /** Runs a plugin on a workspace. Edits that it proposes are applied all or none, where its grant lets it. */
  async run(
    tenant: TenantId,
    request: { id: string; input: Json; workspace: string | null; seed?: number },
    signal: AbortSignal,
  ): Promise<RunResult> {
    const loaded = await this.#load(tenant, request.id);
    if (!loaded.ok) return { ok: false, code: loaded.reasons[0]?.code ?? 'DENIED', reasons: loaded.reasons };
    const { verified, module, granted } = loaded;
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
    return { ok: true, output: output.value, meters, identity: this.#identity(loaded), edited: applied.edited };
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

  async #load(tenant: TenantId, id: string): Promise<Loaded | Refused> {
    const installed = await this.#installed();
    const entry = installed.tenants[tenant]?.[id];
    if (entry === undefined)
      return { ok: false, reasons: [reason('NOT_INSTALLED', 'id', `${id} is not installed for ${tenant}`)] };
    const plugin = await fetchPackage(this.#options.store, entry.image);
    const answer = await this.#verify(plugin, installed);
    if (!answer.ok) return answer;
    const { verified } = answer;
    const { permissions, limits } = verified.manifest;
    const diff = permissionDiff(entry.granted, permissions);
    if (diff.more.length > 0)
      return { ok: false, reasons: [reason('GRANT_MISSING', 'permissions', `not granted: ${diff.more.join(', ')}`)] };
    const denied = await askPolicy(this.#options.policy, question('load', tenant, verified), this.#options.clock);
    if (denied.length > 0) return { ok: false, reasons: denied };
    const key = `${verified.digests.module} ${verified.digests.manifest}`;
    let module = this.#admitted.get(key);
    if (module === undefined) {
      // The bytes that were hashed and verified above are the ones that are instrumented and compiled.
      const admission = admit({ bytes: plugin.module, permissions, limits });
      if (!admission.ok) return admission;
      module = admission.module;
      this.#admitted.set(key, module);
    }
    return { ok: true, verified, module, granted: permissions };
  }

  async #verify(plugin: PluginPackage, installed: Installed): Promise<{ ok: true; verified: Verified } | Refused> {
    const now = this.#options.clock.now();
    const trust = await currentTrust(this.#options.state, this.#options.pinnedRoot, now);
    if (!trust.ok) return trust;
    const first = verifyPackage(plugin, { trust: trust.root, now, highestSeen: null });
    if (!first.ok) return first;
    const { manifest, digests } = first.verified;
    const because = installed.revoked[digests.module];
    if (because !== undefined)
      return { ok: false, reasons: [reason('DIGEST_REVOKED', 'digest', `revoked here: ${because}`)] };
    return verifyPackage(plugin, { trust: trust.root, now, highestSeen: installed.highest[manifest.name] ?? null });
  }

  async #catalogReasons(bundles: string, digest: string, installed: Installed): Promise<readonly Reason[]> {
    const { state, clock, pinnedRoot } = this.#options;
    const trust = await currentTrust(state, pinnedRoot, clock.now());
    if (!trust.ok) return trust.reasons;
    if (!trust.root.requireCatalog && bundles === '') return [];
    const answer = acceptCatalog(bundles, trust.root, installed.catalogVersion, clock.now());
    if (!answer.ok) return answer.reasons;
    if (!answer.catalog.plugins.some((each) => each.digest === digest))
      return [reason('CATALOG_UNLISTED', 'catalog', `the catalog does not list ${digest}`)];
    await saveInstalled(state, { ...installed, catalogVersion: answer.catalog.version });
    return [];
  }

  #identity({ verified, module, granted }: Loaded): PluginIdentity {
    return {
      id: verified.manifest.name,
      version: verified.manifest.version,
      digests: verified.digests,
      instrumentedDigest: module.instrumentedDigest,
      builder: verified.builder,
      keyIds: verified.keyIds,
      granted: rightsOf(granted),
      walls: this.#options.runner.walls,
    };
  }

  #installed(): Promise<Installed> {
    return loadInstalled(this.#options.state);
  }
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

function copyPermissions({ fs_read, fs_edit, regex, ast, log, kv }: Permissions): InstalledPlugin['granted'] {
  return { fs_read: [...fs_read], fs_edit: [...fs_edit], regex, ast, log, kv };
}

function failure(code: string, field: string, msg: string): { ok: false; code: string; reasons: readonly Reason[] } {
  return { ok: false, code, reasons: [reason(code, field, msg)] };
}

function reason(code: string, field: string, msg: string): Reason {
  return { code, field, msg, fix: 'See `maestro plugin list` and the author of the plugin' };
}
