import type { Json } from '#kernel/json.ts';
import type { Environment } from '#domain/environment.ts';
import type { ModelPlan, Rung } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { Sandbox, SandboxLimits } from '#domain/sandbox.ts';
import type { Task, Work } from '#domain/task.ts';
import type { Usage } from '#domain/usage.ts';
import type {
  ChatAnswer,
  ChatRequest,
  Checkpoint,
  ModelAccess,
  PluginHost,
  Workspace,
  WorkspaceFiles,
} from './ports.ts';

/** What a run came to. `no_change` (rightly nothing to do) is a success. */
export type RunOutcome =
  | { readonly kind: 'change'; readonly summary: string; readonly warnings: readonly string[] }
  | { readonly kind: 'no_change'; readonly summary: string }
  | { readonly kind: 'needs_human'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly reasons: readonly Reason[] };

/** Everything that a runner may touch. Each `step` is journalled: on resume its recorded result is returned instead of doing it again. */
export interface RunContext {
  readonly task: Task;
  /** The tenant's ordinal, for the sandbox. */
  readonly ordinal: number;
  readonly workspace: Workspace;
  readonly environment: Environment;
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits;
  readonly plan: ModelPlan;
  readonly rung: Rung;
  readonly plugins: PluginHost;
  readonly files: WorkspaceFiles;
  /** The repository's own test command; empty when it has none. */
  readonly testCommand: readonly string[];
  readonly models: RunModels;
  readonly signal: AbortSignal;
  /** Since the run began, also by other workers, ms. For effects only: it is another number at each replay. */
  elapsedMs(): number;
  /** Waits, ms; less when the run is stopped. */
  pause(ms: number): Promise<void>;
  /** What differs from the base, as `git diff --stat` says it. */
  changes(): Promise<string>;
  /** Folder of the agent's own state, which outlives crash and preemption on this machine. */
  home(): Promise<string>;
  /** Writes files of that folder. */
  furnish(files: { readonly [path: string]: string }): Promise<void>;
  /** Asks policy, and puts its answer on record, whether paths may be changed; a reason when they may not. */
  mayChange(paths: readonly string[]): Promise<Reason | undefined>;
  /** Something found out that must be the same at each replay; it changes nothing. */
  note<T extends Json>(name: string, find: () => Promise<T>): Promise<T>;
  /** One call of a model, decided by policy. The workspace is left alone, so there is no checkpoint. `key` is the same for each attempt. */
  think<T extends Json>(name: string, work: (signal: AbortSignal, key: string) => Promise<StepWork<T>>): Promise<T>;
  /**
   * One unit of work: runs, records usage, then commits the workspace as a checkpoint.
   * Between steps the run may be preempted; it resumes from the last checkpoint, in a workspace restored to it.
   * A step that `carriesOn` finds files and home as it left them, unless they are lost with their machine.
   */
  step<T extends Json>(
    name: string,
    work: (signal: AbortSignal, state: StepState) => Promise<StepWork<T>>,
    options?: { readonly carriesOn: boolean },
  ): Promise<T>;
  lastCheckpoint(): Checkpoint | undefined;
}

export interface StepState {
  /** True when an earlier attempt at this step came to no end. */
  readonly again: boolean;
  /** True when the files are as that attempt left them. */
  readonly kept: boolean;
  /** What that attempt remembered last; only where the files were kept. */
  readonly memo?: string;
  /** For the next attempt, should this one come to no end. */
  remember(memo: string): Promise<void>;
}

/** How a run reaches models: the key is made when it is first asked for. */
export interface RunModels {
  access(): Promise<ModelAccess>;
  ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer>;
  /** A socket for the forwarder inside walls, at whose other end is the gateway. */
  socket(): Promise<{ readonly path: string } & AsyncDisposable>;
}

export interface StepWork<T extends Json> {
  readonly result: T;
  /** Without the price of the worker's time, which whoever records it adds. */
  readonly usage: Usage;
}

/** One way of doing tasks: `recipe`, `native`, `acp`, `command`. */
export interface Runner {
  readonly kind: string;
  /** Version and SHA-256 hex of the system prompt that states its conduct; for evidence. */
  readonly conduct?: { readonly version: number; readonly digest: string };
  /** Problems of the request that can be known before any money is spent; empty when it can be tried. */
  problems(work: Work): readonly Reason[];
  run(context: RunContext): Promise<RunOutcome>;
}
