import type { Json } from '#kernel/json.ts';
import { appendEvent } from '#adapters/sql/index.ts';
import type { Checkpoint, RunContext, RunOutcome, StepWork, Workspace } from '#agents/index.ts';
import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import { NO_MODEL } from '#domain/plan.ts';
import { pluginHost } from '../plugin/call.ts';
import type { Road } from '../road.ts';

type Done<T extends Json> = { readonly result: T; readonly checkpoint: Checkpoint };

export type Acted =
  | Exclude<RunOutcome, { kind: 'change' }>
  | { readonly kind: 'change'; readonly summary: string; readonly checkpoint: Checkpoint };

/** Lets the runner work in a workspace of its own. Each of its steps is journalled and ends in a checkpoint. */
export async function act(road: Road, environment: Environment, base: GitOid): Promise<Acted> {
  const { house, task } = road;
  const runner = house.runners.get(task.work.kind === 'recipe' ? 'recipe' : task.work.name);
  if (runner === undefined) throw new Error(`no runner for ${task.work.kind} ${task.work.name}`);
  const steps = new RunnerSteps(road, base);
  const workspace = await steps.workspace();
  const context: RunContext = {
    task,
    ordinal: road.tenant.ordinal,
    workspace,
    environment,
    sandbox: house.sandbox,
    limits: house.limits,
    plan: NO_MODEL,
    plugins: pluginHost(house, { tenant: road.tenant, principal: road.agent, task: task.id, run: road.run.record.id }),
    signal: road.run.signal,
    step: (name, work) => steps.step(name, work),
    lastCheckpoint: () => steps.last,
  };
  const outcome = await runner.run(context);
  if (outcome.kind !== 'change') return outcome;
  if (steps.last === undefined) throw new Error(`runner ${runner.kind} reports a change and made no step`);
  road.facts.head = steps.last;
  road.facts.summary = outcome.summary;
  road.facts.warnings = [...(road.facts.warnings ?? []), ...outcome.warnings];
  return { ...outcome, checkpoint: steps.last };
}

/** The runner's steps as steps of the run. The workspace is made, or brought back to the last checkpoint, before the first one that really runs. */
class RunnerSteps {
  last: Checkpoint | undefined;
  readonly #road: Road;
  readonly #base: GitOid;
  #ready = false;
  #count = 0;

  constructor(road: Road, base: GitOid) {
    this.#road = road;
    this.#base = base;
  }

  async workspace(): Promise<Workspace> {
    const { house, run, repo, tenant } = this.#road;
    const repoDir = house.repoDir(repo.id);
    return house.workspaces.create({ run: run.record.id, repoDir, base: this.#base, ordinal: tenant.ordinal });
  }

  async step<T extends Json>(name: string, work: (signal: AbortSignal) => Promise<StepWork<T>>): Promise<T> {
    const { house, run, task } = this.#road;
    const seq = ++this.#count;
    let usage: StepWork<T>['usage'] | undefined;
    const done = await this.#road.perform<Done<T>>(
      `act:${name}`,
      'run.command',
      { kind: 'run', id: run.record.id, attributes: { purpose: name } },
      async ({ signal }) => {
        const workspace = await this.workspace();
        if (!this.#ready) await house.workspaces.restore(workspace, this.last?.commit ?? this.#base);
        this.#ready = true;
        const did = await work(signal);
        usage = did.usage;
        const checkpoint = await house.workspaces.checkpoint(workspace, seq, `${task.work.name}: ${name}`);
        return { result: did.result, checkpoint };
      },
      async (tx) => {
        if (usage === undefined) return;
        await appendEvent(tx, house.clock.now(), {
          type: 'usage.charged',
          tenant: task.tenant,
          task: task.id,
          run: run.record.id,
          by: this.#road.agent.id,
          data: { step: name, ...usage },
        });
      },
    );
    this.last = done.checkpoint;
    return done.result;
  }
}
