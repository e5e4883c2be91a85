import { findTask } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { ActionName, Principal } from '#domain/action.ts';
import type { Json } from '#kernel/json.ts';
import type { Rung } from '#domain/plan.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import type { Repository } from '#domain/repository.ts';
import type { Task } from '#domain/task.ts';
import type { DataClass, Tenant } from '#domain/tenant.ts';
import type { Run, Step, StepContext } from '#journal/index.ts';
import { Facts } from './tasks/facts.ts';
import type { House } from './house.ts';
import { agentOf } from './governance/principals.ts';
import type { RunClock } from './tasks/run-clock.ts';
import { type Attempt, faultOf, settled } from './tasks/step-fault.ts';
import { decide, recordDecision, Refusal, type Request } from './perform.ts';
import { mayBegin } from './qos/give-way.ts';

/** What an action is done to: kind and id, and the facts that rules read. */
export interface Subject {
  readonly kind: string;
  readonly id: string;
  readonly attributes?: { readonly [name: string]: Json };
  /** Where it is done, when that is not this worker. */
  readonly region?: string;
  readonly dataClass?: DataClass;
}

/** Name of a step that each rung of a ladder takes: names are unique within a run. */
export function onRung(name: string, rung: Rung | undefined): string {
  return rung === undefined || rung.index === 0 ? name : `${name}:${rung.index + 1}`;
}

/** One run of one task on its way. Steps go through the journal; those with an effect outside go through policy too. */
export class Road {
  readonly house: House;
  readonly run: Run;
  readonly task: Task;
  readonly tenant: Tenant;
  readonly repo: Repository;
  /** What the steps found out, for card and evidence; rebuilt on replay, since each step tells it again. */
  readonly facts = new Facts();
  readonly #clock: RunClock;

  /** How often the task has given way: each time another worker took the run over, and nothing was wrong. */
  readonly preemptions: number;

  constructor(parts: {
    house: House;
    run: Run;
    task: Task;
    tenant: Tenant;
    repo: Repository;
    preemptions: number;
    clock: RunClock;
  }) {
    this.house = parts.house;
    this.run = parts.run;
    this.task = parts.task;
    this.tenant = parts.tenant;
    this.repo = parts.repo;
    this.preemptions = parts.preemptions;
    this.#clock = parts.clock;
  }

  /** The agent that acts in this run, on behalf of whoever submitted the task. */
  get agent(): Principal {
    return agentOf(this.task);
  }

  /** The way has ended, and what is left ends the run: it is done even when the run has no time left. */
  ending(): void {
    this.#clock.end();
  }

  /** A durable step that changes nothing outside the data directory of this run. */
  async step<T extends Json>(
    name: string,
    effect: (context: StepContext) => Promise<T>,
    commit?: (tx: Tx, result: T) => Promise<void>,
  ): Promise<T> {
    return settled(await this.run.step(this.#recording(name, effect, commit)));
  }

  /** A durable step whose effect is an action of the tenant: decided, recorded with its intent, then done. Throws `Refusal`. */
  async perform<T extends Json>(
    name: string,
    action: ActionName,
    subject: Subject,
    effect: (context: StepContext) => Promise<T>,
    commit?: (tx: Tx, result: T) => Promise<void>,
  ): Promise<T> {
    const request = this.request(action, subject);
    let decision: PolicyDecision | undefined;
    let late: PolicyDecision | undefined;
    const decided = async (): Promise<PolicyDecision> => (decision ??= await decide(this.house, request));
    const step = {
      ...this.#recording(name, effect, commit),
      prepare: async (): Promise<void> => {
        await mayBegin(this.house, this.task);
        const { allow } = await decided();
        if (allow) return;
        await this.house.store.truth.tx(
          async (tx) => void (await recordDecision(tx, this.house, request, await decided())),
        );
        throw new Refusal(request, await decided());
      },
      intent: async (tx: Tx): Promise<void> => {
        // In one transaction with the intent, so that of a cancellation and a move of the branch one is first.
        const now = await findTask(tx, this.task.tenant, this.task.id);
        if (now?.state !== 'running') throw new Error(`task ${this.task.id} is not wanted any more`);
        const recorded = await recordDecision(tx, this.house, request, await decided());
        if (recorded.allow) return;
        late = recorded; // the step is not begun, so this transaction keeps nothing
        throw new Refusal(request, recorded);
      },
    };
    try {
      return settled(await this.run.step(step));
    } catch (error) {
      const refused = late;
      if (refused !== undefined) {
        await this.house.store.truth.tx((tx) => recordDecision(tx, this.house, request, refused));
      }
      throw error;
    }
  }

  /** The step with its fault as a result: what failed for good fails the same way on replay, and the road goes on to its end. */
  #recording<T extends Json>(
    name: string,
    effect: (context: StepContext) => Promise<T>,
    commit?: (tx: Tx, result: T) => Promise<void>,
  ): Step<Attempt<T>> {
    return {
      name,
      prepare: () => mayBegin(this.house, this.task),
      effect: async (context) => {
        try {
          return await this.#clock.within(context.signal, (signal) => effect({ ...context, signal }));
        } catch (error) {
          return {
            fault: await faultOf(this.house, error, { ...context, epoch: this.run.record.epoch - this.preemptions }),
          };
        }
      },
      ...(commit === undefined
        ? {}
        : {
            commit: async (tx: Tx, attempt: Attempt<T>) => ('done' in attempt ? commit(tx, attempt.done) : undefined),
          }),
    };
  }

  /** What policy is asked when this run does something. */
  request(name: ActionName, { kind, id, attributes = {}, region, dataClass }: Subject): Request {
    return {
      name,
      principal: this.agent,
      tenant: this.tenant,
      task: this.task.id,
      run: this.run.record.id,
      resource: {
        kind,
        id,
        attributes,
        region: region ?? this.house.worker.region,
        dataClass: dataClass ?? this.house.worker.dataClass,
      },
    };
  }
}
