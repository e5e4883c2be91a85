import type { Millis } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';

/** What a plugin may do. Empty lists and `false` grant nothing. Globs know `*`, `?` and `**` and are relative to the workspace. */
export interface Permissions {
  readonly fs_read: readonly string[];
  /** Files that the plugin's edits may change; the host applies them. */
  readonly fs_edit: readonly string[];
  readonly regex: boolean;
  readonly ast: boolean;
  readonly log: boolean;
  readonly kv: boolean;
}

/** Bounds of one call. What is passed ends the instance; nothing of it is kept. */
export interface Limits {
  /** Instructions and, for bulk work, bytes divided by eight. */
  readonly fuel: number;
  readonly memory_bytes: number;
  readonly wall_ms: number;
  readonly host_calls: number;
  readonly read_bytes: number;
  readonly output_bytes: number;
}

/** A module that was validated and instrumented by this host; `bytes` are the instrumented ones. */
export interface AdmittedModule {
  readonly kind: 'abi-1' | 'wasi-command';
  /** SHA-256 hex of the bytes as published. */
  readonly digest: string;
  /** SHA-256 hex of `bytes`. */
  readonly instrumentedDigest: string;
  readonly bytes: Uint8Array;
  readonly memory: GuestMemorySize;
}

/** What an instance's memory begins with and may grow to, in pages of 64 KiB. */
export type GuestMemorySize = { readonly initial: number; readonly maximum: number };

export interface PluginCall {
  readonly module: AdmittedModule;
  readonly input: Uint8Array;
  /** Absolute folder that paths are relative to; null when there is nothing to read. */
  readonly root: string | null;
  readonly permissions: Permissions;
  readonly limits: Limits;
  /** Seeds `random` and starts the virtual clock: equal calls give equal outputs. */
  readonly seed: number;
  readonly startMs: number;
}

/** Why a call ended without output. */
export type CallFailure =
  | 'FUEL'
  | 'DEADLINE'
  | 'MEMORY'
  | 'STACK'
  | 'TRAP'
  | 'HOSTCALL_QUOTA'
  | 'FS_BYTES_QUOTA'
  | 'FS_ENTRIES_QUOTA'
  | 'OUTPUT_QUOTA'
  | 'LOG_QUOTA'
  | 'KV_QUOTA'
  | 'REGEX_LIMIT'
  | 'AST_LIMIT'
  | 'ABI_RANGE'
  | 'ABI_RESULT'
  | 'LINK_DENY'
  | 'EXIT'
  | 'RUNNER_LOST'
  | 'CANCELLED';

/** A host call that was answered with a refusal while the plugin went on. */
export interface Refusal {
  readonly code: 'FS_SCOPE' | 'FS_SYMLINK' | 'FS_TYPE' | 'FS_ABSENT' | 'REGEX_LIMIT' | 'AST_LIMIT';
  readonly what: string;
}

export interface CallMeters {
  readonly fuel: number;
  readonly wallMs: number;
  readonly memoryBytes: number;
  readonly hostCalls: number;
  readonly bytesRead: number;
  readonly refusals: readonly Refusal[];
  readonly log: readonly string[];
  /** Fuel by function index, when the module was instrumented for profiling. */
  readonly profile?: readonly number[];
}

export type CallReport = CallMeters &
  (
    | { readonly ok: true; readonly output: Uint8Array }
    | { readonly ok: false; readonly code: CallFailure; readonly message: string }
  );

/** Runs admitted modules behind the walls. Never throws for what a guest did. */
export interface PluginRunner {
  /** What the walls are made of, in plain words, for cards and evidence. */
  readonly walls: readonly string[];
  call(call: PluginCall, signal: AbortSignal): Promise<CallReport>;
  close(): Promise<void>;
}

/** What a policy is asked about a plugin. `load` before each use, `grant` when a person or service grants permissions. */
export interface PluginQuestion {
  readonly moment: 'load' | 'grant';
  readonly tenant: TenantId;
  readonly id: string;
  readonly version: string;
  readonly publisher: string;
  readonly license: string;
  readonly digest: string;
  readonly permissions: Permissions;
  readonly limits: Limits;
  /** True when signature, subjects and SBOM were verified against the trust root just now. */
  readonly verified: boolean;
}

/** May this plugin be loaded, or be granted this. A policy that throws, hangs or answers anything else counts as deny. */
export interface PluginPolicy {
  readonly name: string;
  decide(question: PluginQuestion, signal: AbortSignal): Promise<{ allow: boolean; reasons: readonly Reason[] }>;
}

/** Holds one private key; the same shape as the evidence room's signer. */
export interface Signer {
  readonly algorithm: 'ed25519' | 'ecdsa-p256-sha256';
  /** SHA-256 hex of the public key's DER (SubjectPublicKeyInfo). */
  readonly keyId: string;
  readonly publicKeyPem: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Content-addressed bytes and one mutable index, as an OCI image layout has them. */
export interface BlobStore {
  /** Throws STORE_BROKEN when the bytes do not have the digest; null when absent. */
  get(digest: string): Promise<Uint8Array | null>;
  /** Returns the SHA-256 hex. Idempotent. */
  put(bytes: Uint8Array): Promise<string>;
  readIndex(): Promise<Json>;
  /** Replaces the index in one step. */
  writeIndex(index: Json): Promise<void>;
}

/** A remote that speaks the OCI distribution API. */
export interface Registry {
  push(repository: string, reference: string, manifest: Uint8Array, blobs: readonly Uint8Array[]): Promise<void>;
  /** The manifest's bytes; null when there is none. */
  manifest(repository: string, reference: string): Promise<Uint8Array | null>;
  blob(repository: string, digest: string): Promise<Uint8Array>;
  tags(repository: string): Promise<readonly string[]>;
}

/** Files of one workspace, changed all or none. */
export interface WorkspaceFiles {
  /** Null when there is no such regular file inside the workspace. */
  read(root: string, path: string): Promise<Uint8Array | null>;
  /** Writes every file or none. */
  replace(
    root: string,
    files: readonly { readonly path: string; readonly before: Uint8Array; readonly after: Uint8Array }[],
  ): Promise<void>;
}

/** Files of a new plugin by relative path. */
export type Scaffold = ReadonlyMap<string, string>;

/** What one tenant was granted: one plugin, one version, these rights. */
export interface Grant {
  /** Dotted name without version. */
  readonly plugin: string;
  readonly version: string;
  /** SHA-256 hex of the OCI manifest in the store. */
  readonly image: string;
  /** SHA-256 hex of the module. */
  readonly module: string;
  /** The manifest as it was signed. */
  readonly manifest: string;
  readonly granted: Permissions;
  readonly approvedBy: PrincipalId;
  readonly approvedAt: Millis;
  /** True once it was taken back; the row stays, so that nothing grants it again by itself. */
  readonly withdrawn: boolean;
}

/** A signed document of the installation; `version` is the one that it says itself. */
export interface SignedDocument {
  readonly version: number;
  /** Sigstore bundles, one a line. */
  readonly bundles: string;
}

/** What is remembered of plugins: grants of tenants, revocations, and whom the installation believes. */
export interface PluginBooks {
  grants(tenant: TenantId): Promise<readonly Grant[]>;
  /** Replaces an earlier grant of the same plugin. */
  grant(tx: Tx, tenant: TenantId, grant: Omit<Grant, 'withdrawn'>): Promise<void>;
  /** False when there is no such grant. */
  withdraw(tx: Tx, tenant: TenantId, plugin: string): Promise<boolean>;
  /** Every version that was ever granted to anyone. */
  versions(plugin: string): Promise<readonly string[]>;
  /** Why a module no longer runs here; null when it may. */
  revoked(module: string): Promise<string | null>;
  revoke(module: string, because: string, at: Millis): Promise<void>;
  document(name: 'trust' | 'catalog'): Promise<SignedDocument | null>;
  /** False when one of this version or a newer one is there. */
  replaceDocument(name: 'trust' | 'catalog', document: SignedDocument): Promise<boolean>;
}
