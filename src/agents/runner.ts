import type { Json } from '#kernel/json.ts';
import type { Environment } from '#domain/environment.ts';
import type { ModelPlan } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { Sandbox, SandboxLimits } from '#domain/sandbox.ts';
import type { Task, Work } from '#domain/task.ts';
import type { Usage } from '#domain/usage.ts';
import type { Checkpoint, PluginHost, Workspace } from './ports.ts';

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
  readonly plugins: PluginHost;
  readonly signal: AbortSignal;
  /**
   * One unit of work: runs, records usage, then commits the workspace as a checkpoint.
   * Between steps the run may be preempted; it resumes from the last checkpoint, in a workspace restored to it.
   */
  step<T extends Json>(name: string, work: (signal: AbortSignal) => Promise<StepWork<T>>): Promise<T>;
  lastCheckpoint(): Checkpoint | undefined;
}

export interface StepWork<T extends Json> {
  readonly result: T;
  /** Without the price of the worker's time, which whoever records it adds. */
  readonly usage: Usage;
}

/** One way of doing tasks: `recipe`, `native`, `acp`, `command`. */
export interface Runner {
  readonly kind: string;
  /** Problems of the request that can be known before any money is spent; empty when it can be tried. */
  problems(work: Work): readonly Reason[];
  run(context: RunContext): Promise<RunOutcome>;
}
