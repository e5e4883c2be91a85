import type { Environment } from '#domain/environment.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Json } from '#kernel/json.ts';

/** A private working tree of one run, made by `git clone --shared`. The host never trusts the `.git` inside it. */
export interface Workspace {
  readonly run: RunId;
  /** Absolute host path. */
  readonly dir: string;
  readonly base: GitOid;
  readonly baseTree: GitOid;
  /** Object store that the clone borrows from; must be readable in the sandbox at the same path. */
  readonly sharedObjects: string;
}

/**
 * The files of one workspace as a recipe sees them: paths are relative with slashes and never leave it.
 * Synchronous, since the compilers that read through it are.
 */
export interface Files {
  /** Regular files in order of their paths, without those under `.git` and `node_modules`; links are left out. */
  list(): readonly string[];
  /** Undefined when there is no such file; also reads below `node_modules`. */
  read(path: string): Uint8Array | undefined;
  /** Replaces the bytes of a file that `list` gives; mode and place stay. */
  write(path: string, bytes: Uint8Array): void;
  kindOf(path: string): 'file' | 'folder' | undefined;
  /** Names of the folders in a folder. */
  foldersIn(path: string): readonly string[];
  /** The path with links resolved, as far as they stay in the workspace. */
  realPath(path: string): string;
}

/** A commit of the whole workspace under `refs/maestro/ckpt/<run>/<seq>`. */
export type Checkpoint = {
  readonly seq: number;
  readonly commit: GitOid;
  readonly tree: GitOid;
};

export interface Workspaces {
  /** Same run twice gives the same folder, as it was. */
  create(request: { run: RunId; repoDir: string; base: GitOid; ordinal: number }): Promise<Workspace>;
  /** Stages everything, writes tree and commit into the bare repository, by the host, without the workspace's own git. */
  checkpoint(workspace: Workspace, seq: number, message: string): Promise<Checkpoint>;
  /** Makes the files equal to the commit, whatever they were. */
  restore(workspace: Workspace, commit: GitOid): Promise<void>;
  remove(run: RunId): Promise<void>;
}

export interface EnvironmentRequest {
  readonly repoDir: string;
  readonly commit: GitOid;
  readonly ordinal: number;
}

/** What a commit needs, known before anything is built or spent. */
export interface EnvironmentPlan {
  readonly kind: Environment['kind'];
  readonly key: string;
  /** False when `ensure` would have to build it, with access to the network. */
  readonly isReady: boolean;
}

export interface PreparedEnvironment {
  readonly environment: Environment;
  /** True when this call built it. */
  readonly built: boolean;
  /** What built it, now or earlier; empty when nothing was needed. */
  readonly commands: readonly string[];
  readonly warnings: readonly string[];
}

/** Toolchain and dependencies of repositories: built once by key, then used offline and read-only by every run. */
export interface Environments {
  /** Rejects with a fault where it cannot be known: dependencies without lock file, a declaration that is wrong. */
  plan(request: EnvironmentRequest): Promise<EnvironmentPlan>;
  /** From the cache, or built first; calls for one key build once, also from several processes. Rejects with a fault when it cannot be built. */
  ensure(request: EnvironmentRequest, signal: AbortSignal): Promise<PreparedEnvironment>;
}

/** Skills as sandboxed WASM plugins. `call` gives output or a refusal with reasons; it never throws for what a plugin did. */
export interface PluginHost {
  /** What the caller was granted, in order of name. */
  list(): Promise<readonly PluginTool[]>;
  /** `workspace` is the absolute folder that the plugin's paths are relative to; null gives it no files. */
  call(request: { id: string; input: Json; workspace: string | null }, signal: AbortSignal): Promise<PluginResult>;
}

/** A granted plugin, as a model or another program is told of it. */
export interface PluginTool {
  readonly id: string;
  readonly version: string;
  /** SHA-256 hex of the module. */
  readonly digest: string;
  readonly summary: string;
  /** JSON Schema 2020-12 of the input. */
  readonly input: { readonly [keyword: string]: Json };
  /** What it may do, one right a line: `fs_read src/**`. */
  readonly rights: readonly string[];
}

/** `wallMs` is how long it ran; a call that was refused ran not at all. */
export type PluginResult = { readonly wallMs: number } & (
  | {
      readonly ok: true;
      readonly output: Json;
      readonly fuel: number;
      /** Paths that its edits changed. */
      readonly edited: readonly string[];
    }
  | { readonly ok: false; readonly code: string; readonly reasons: readonly Reason[] }
);
