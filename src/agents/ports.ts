import type { Environment } from '#domain/environment.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Principal } from '#domain/action.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import type { ModelPlan } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { DataClass, Tenant } from '#domain/tenant.ts';
import type { Json } from '#kernel/json.ts';

// What those who connect agents need to name.
export { KNOWN_PROGRAMS } from './programs/known.ts';
export { type AgentProgram, type FoundProgram, programSchema } from './programs/program.ts';

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

/**
 * Files of one workspace as the host reads and writes them for an agent. Paths are relative with slashes. No link is
 * followed, whatever programs do at the same time; `.git` is out of reach.
 */
export interface WorkspaceFiles {
  /** Regular files in order of their paths, without those under `.git` and `node_modules`, at most `limit`. */
  list(limit: number): Promise<readonly string[]>;
  /** Undefined when there is no such regular file. Throws WORKSPACE_FILE_TOO_LARGE and WORKSPACE_PATH_OUTSIDE. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Makes the file, and the folders on the way to it, or replaces its bytes; mode and owner stay. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

export interface KeptNote {
  readonly step: string;
  readonly memo?: string;
}

export interface Workspaces {
  /** Same run twice gives the same folder, as it was. */
  create(request: { run: RunId; repoDir: string; base: GitOid; ordinal: number }): Promise<Workspace>;
  /** Stages everything, writes tree and commit into the bare repository, by the host, without the workspace's own git. */
  checkpoint(workspace: Workspace, seq: number, message: string): Promise<Checkpoint>;
  /** Makes the files equal to the commit, whatever they were. */
  restore(workspace: Workspace, commit: GitOid): Promise<void>;
  /** What differs from the base, one line a file, as `git diff --stat` says it; empty when nothing does. */
  changes(workspace: Workspace): Promise<string>;
  /** A folder of the run beside its files, owned as they are, in which an agent may keep its state; the same each time. */
  home(workspace: Workspace, name: string): Promise<string>;
  /** Notes which step the files belong to, which knows how to go on with them as they are, and what it remembers; `restore` takes the note back. */
  keep(workspace: Workspace, note: KeptNote): Promise<void>;
  /** The last note in this very folder; a folder made anew has none. */
  kept(workspace: Workspace): Promise<KeptNote | undefined>;
  /** Files, homes and checkpoints; twice is the same as once, also where the first one was broken off. */
  remove(run: RunId): Promise<void>;
  /** Every run that has a folder here, also a half-made or half-removed one. */
  list(): Promise<readonly RunId[]>;
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
  /** The lock file that the package manager makes of the tree, or why it could not; nothing else of the tree changes. */
  remakeLock(request: LockRequest, signal: AbortSignal): Promise<RemadeLock>;
}

/** A lock file that two sides changed. */
export type LockRequest = {
  readonly ordinal: number;
  readonly repoDir: string;
  /** Its manifests are merged; the lock file stands in it with git's markers. */
  readonly tree: GitOid;
  readonly path: string;
  /** Our side's version, for package managers that cannot read markers. */
  readonly ours: string;
};

export type RemadeLock =
  | { readonly kind: 'made'; readonly text: string; readonly command: string }
  | { readonly kind: 'cannot'; readonly why: string };

/** Skills as sandboxed WASM plugins. `call` gives output or a refusal with reasons; it never throws for what a plugin did. */
export interface PluginHost {
  /** What the caller was granted, in order of name. */
  list(): Promise<readonly PluginTool[]>;
  /** `workspace` is the absolute folder that the plugin's paths are relative to; null gives it no files. */
  call(request: { id: string; input: Json; workspace: string | null }, signal: AbortSignal): Promise<PluginResult>;
}

/** A granted plugin, as a model or another program is told of it. */
export type PluginTool = {
  readonly id: string;
  readonly version: string;
  /** SHA-256 hex of the module. */
  readonly digest: string;
  readonly summary: string;
  /** JSON Schema 2020-12 of the input. */
  readonly input: { readonly [keyword: string]: Json };
  /** What it may do, one right a line: `fs_read src/**`. */
  readonly rights: readonly string[];
};

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
/** How an agent reaches models: one address, one key that is good for this run only. */
export interface ModelAccess {
  /** Base address of the gateway without `/v1`. */
  readonly url: string;
  readonly key: string;
}

/** Who asks for models, and which: the gateway lets the key do no more. */
export interface ModelRequest {
  readonly task: Task;
  readonly run: RunId;
  readonly agent: Principal;
  readonly models: readonly string[];
}

/** The door to models. Whoever opens it gets a key for this run; closing it makes every key of the run worthless. */
export interface ModelDoor {
  /** Why no run could reach a model now; undefined when it could. */
  problem(): Reason | undefined;
  open(request: ModelRequest): Promise<ModelAccess>;
  /** An address at which a program inside walls reaches the gateway and nothing else: a socket for the forwarder. */
  socket(access: ModelAccess): Promise<{ readonly path: string } & AsyncDisposable>;
  /** What the run's keys have used so far, as the gateway's books say it: calls that are still under way are not in it. */
  used(run: RunId): Promise<ModelUse>;
  close(request: Pick<ModelRequest, 'task' | 'run'>): Promise<void>;
}

export type ModelUse = {
  readonly calls: number;
  /** All tokens of the prompts, cached ones among them. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly costNano: NanoUsd;
};

export interface ModelPlace {
  readonly provider: { readonly name: string; readonly region: string; readonly dataClass: DataClass };
  /** As the provider names it. */
  readonly model: string;
}

/** Chooses what a run thinks with. */
export interface Plans {
  /** `budget`: the plan that the money allowed, the part of what was asked for that it may cost, in (0, 1], and why not all. */
  choose(asked: {
    readonly tenant: Tenant;
    readonly task: Task;
    readonly budget: { readonly plan: string; readonly part: number; readonly because?: string };
  }): Promise<ModelPlan>;
  /** Where a model of a plan is asked, as policy knows it. */
  place(model: string): Promise<ModelPlace>;
}

/** One question to a model in the words of Chat Completions; the natural key makes asking twice the same as once. */
export interface ChatRequest {
  readonly key: string;
  readonly body: { readonly [name: string]: Json };
}

export type ChatAnswer =
  | {
      readonly kind: 'answer';
      readonly text: string;
      readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
      /** Why it stopped: `stop`, `length`, `tool_calls`, ... */
      readonly finish: string;
      readonly usage: ChatUsage;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

export type ChatUsage = {
  /** All tokens of the prompt, cached ones among them. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** What the gateway charged; null when it did not say. */
  readonly costNano: number | null;
};

export interface Chat {
  /** A refusal that lasts is an answer; what may pass (busy, not reachable) is tried again and then thrown. */
  ask(access: ModelAccess, request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer>;
}
