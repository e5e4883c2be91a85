import type { Json } from '#kernel/json.ts';
import { appendEvent } from '#adapters/sql/index.ts';
import type { Checkpoint, StepState, StepWork, Workspace } from '#agents/index.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Rung } from '#domain/plan.ts';
import type { Usage } from '#domain/usage.ts';
import type { Tx } from '#kernel/sql.ts';
import { modelSubject } from '../gateway/model-subject.ts';
import { onRung, type Road } from '../road.ts';

type Done<T extends Json> = { readonly result: T; readonly checkpoint: Checkpoint };

/** Checkpoints of one rung are numbered apart from those of the next. */
const SEQ_OF_RUNG = 100_000;

/**
 * The runner's steps as steps of the run. The workspace is made, or brought back to the last checkpoint, before the first
 * one that really runs; only a step that carries on finds it as it was left.
 */
export class RunnerSteps {
  last: Checkpoint | undefined;
  readonly #road: Road;
  readonly #base: GitOid;
  readonly #rung: Rung;
  #ready = false;
  #count = 0;

  constructor(road: Road, base: GitOid, rung: Rung) {
    this.#road = road;
    this.#base = base;
    this.#rung = rung;
  }

  async workspace(): Promise<Workspace> {
    const { house, run, repo, tenant } = this.#road;
    const repoDir = house.repoDir(repo.id);
    return house.workspaces.create({ run: run.record.id, repoDir, base: this.#base, ordinal: tenant.ordinal });
  }

  async note<T extends Json>(name: string, find: () => Promise<T>): Promise<T> {
    return this.#road.step(`${onRung('act', this.#rung)}:${name}`, async () => {
      await this.#prepare();
      return find();
    });
  }

  async think<T extends Json>(
    name: string,
    work: (signal: AbortSignal, key: string) => Promise<StepWork<T>>,
  ): Promise<T> {
    const { model } = this.#rung;
    const { house } = this.#road;
    const step = `${onRung('act', this.#rung)}:${name}`;
    let usage: Usage | undefined;
    return this.#road.perform<T>(
      step,
      'model.call',
      modelSubject(await house.plans.place(model), model),
      async ({ signal, key }) => {
        const did = await work(signal, key);
        usage = did.usage;
        return did.result;
      },
      (tx) => this.#charge(tx, name, usage),
    );
  }

  async step<T extends Json>(
    name: string,
    work: (signal: AbortSignal, state: StepState) => Promise<StepWork<T>>,
    { carriesOn } = { carriesOn: false },
  ): Promise<T> {
    const { house, run, task } = this.#road;
    const step = `${onRung('act', this.#rung)}:${name}`;
    const seq = this.#rung.index * SEQ_OF_RUNG + ++this.#count;
    let usage: Usage | undefined;
    const done = await this.#road.perform<Done<T>>(
      step,
      'run.command',
      { kind: 'run', id: run.record.id, attributes: { purpose: name } },
      async ({ signal, recovering }) => {
        const workspace = await this.workspace();
        const note = carriesOn && recovering ? await house.workspaces.kept(workspace) : undefined;
        const kept = note?.step === step;
        if (kept) this.#ready = true;
        await this.#prepare();
        const remember = (memo: string): Promise<void> => house.workspaces.keep(workspace, { step, memo });
        if (carriesOn && !kept) await house.workspaces.keep(workspace, { step });
        const memo = kept && note.memo !== undefined ? { memo: note.memo } : {};
        const did = await work(signal, { again: recovering, kept, ...memo, remember });
        usage = did.usage;
        const checkpoint = await house.workspaces.checkpoint(workspace, seq, `${task.work.name}: ${name}`);
        return { result: did.result, checkpoint };
      },
      (tx) => this.#charge(tx, name, usage),
    );
    this.last = done.checkpoint;
    return done.result;
  }

  async #prepare(): Promise<void> {
    if (this.#ready) return;
    await this.#road.house.workspaces.restore(await this.workspace(), this.last?.commit ?? this.#base);
    this.#ready = true;
  }

  async #charge(tx: Tx, name: string, usage: Usage | undefined): Promise<void> {
    if (usage === undefined) return;
    const { house, run, task, agent } = this.#road;
    await appendEvent(tx, house.clock.now(), {
      type: 'usage.charged',
      tenant: task.tenant,
      task: task.id,
      run: run.record.id,
      by: agent.id,
      data: { step: name, ...(this.#rung.index === 0 ? {} : { rung: this.#rung.index }), ...usage },
    });
  }
}
