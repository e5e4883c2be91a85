import type { Checkpoint, RunContext, RunOutcome } from '#agents/index.ts';
import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { ModelPlan, Rung } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import { decide, recordDecision } from '../perform.ts';
import { pluginHost } from '../plugin/call.ts';
import type { Road } from '../road.ts';
import { RunModelsOf } from './run-models.ts';
import { RunnerSteps } from './runner-steps.ts';

export type Acted =
  | Exclude<RunOutcome, { kind: 'change' }>
  | { readonly kind: 'change'; readonly summary: string; readonly checkpoint: Checkpoint };

/** Lets the runner work in a workspace of its own, on one rung of the plan. Each of its steps is journalled. */
export async function act(
  road: Road,
  environment: Environment,
  base: GitOid,
  plan: ModelPlan,
  rung: Rung,
): Promise<Acted> {
  const { house, task } = road;
  const runner = house.runners.get(task.work.kind === 'recipe' ? 'recipe' : task.work.name);
  if (runner === undefined) throw new Error(`no runner for ${task.work.kind} ${task.work.name}`);
  const steps = new RunnerSteps(road, base, rung);
  if (runner.conduct !== undefined) road.facts.conduct = runner.conduct;
  await using models = new RunModelsOf(road, plan);
  const said = await runner.run(await contextOf(road, environment, { steps, models, plan, rung }));
  const outcome = runner.kind === 'acp' ? await thought(road, said) : said;
  if (outcome.kind !== 'change') return outcome;
  if (steps.last === undefined) throw new Error(`runner ${runner.kind} reports a change and made no step`);
  road.facts.head = steps.last;
  road.facts.summary = outcome.summary;
  road.facts.warnings = [...(road.facts.warnings ?? []), ...outcome.warnings];
  return { ...outcome, checkpoint: steps.last };
}

/** An agent that never got an answer of a model has not found that nothing is to be done. */
async function thought({ house, run }: Road, outcome: RunOutcome): Promise<RunOutcome> {
  if (outcome.kind !== 'no_change' || (await house.models.used(run.record.id)).calls > 0) return outcome;
  const reason = {
    code: 'AGENT_WITHOUT_MODEL',
    msg: `no model was asked: ${outcome.summary}`,
    field: 'task.work',
    fix: 'see what it said last: the gateway may refuse what it asks, or it may not know its address',
  };
  return { kind: 'failed', reasons: [reason] };
}

async function contextOf(
  road: Road,
  environment: Environment,
  parts: { steps: RunnerSteps; models: RunModelsOf; plan: ModelPlan; rung: Rung },
): Promise<RunContext> {
  const { house, task, run, repo } = road;
  const { steps, models, plan, rung } = parts;
  const workspace = await steps.workspace();
  return {
    task,
    ordinal: road.tenant.ordinal,
    workspace,
    environment,
    sandbox: house.sandbox,
    limits: house.limits,
    plan,
    rung,
    plugins: pluginHost(house, { tenant: road.tenant, principal: road.agent, task: task.id, run: run.record.id }),
    files: house.filesOf(workspace),
    testCommand: repo.testCommand ?? road.facts.baseline?.command ?? [],
    models,
    signal: run.signal,
    elapsedMs: () => house.clock.now() - run.record.startedAt,
    pause: (ms) => house.clock.sleep(ms, run.signal).catch(() => undefined),
    changes: () => house.workspaces.changes(workspace),
    home: () => house.workspaces.home(workspace, `rung-${rung.index}`),
    furnish: async (files) => {
      const home = house.filesOf({ dir: await house.workspaces.home(workspace, `rung-${rung.index}`) });
      for (const [path, text] of Object.entries(files)) await home.write(path, Buffer.from(text));
    },
    mayChange: (paths) => mayChange(road, paths),
    note: (name, find) => steps.note(name, find),
    think: (name, work) => steps.think(name, work),
    step: (name, work, options) => steps.step(name, work, options),
    lastCheckpoint: () => steps.last,
  };
}

/** What policy will say when the change is pushed, asked before it is made. */
async function mayChange(road: Road, paths: readonly string[]): Promise<Reason | undefined> {
  const { house, run, repo } = road;
  const about = { kind: 'permission', id: run.record.id, attributes: { repo: repo.id, paths } };
  const request = road.request('change.push', about);
  const decision = await decide(house, request);
  if (decision.allow) return undefined;
  await house.store.truth.tx((tx) => recordDecision(tx, house, request, decision));
  return decision.reasons[0];
}
