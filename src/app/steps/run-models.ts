import type { ChatAnswer, ChatRequest, ModelAccess, RunModels } from '#agents/index.ts';
import type { ModelPlan } from '#domain/plan.ts';
import type { Road } from '../road.ts';

/** A run's way to models: a key of its own, made when it is first needed and worthless afterwards. */
export class RunModelsOf implements RunModels, AsyncDisposable {
  readonly #road: Road;
  readonly #plan: ModelPlan;
  #access: Promise<ModelAccess> | undefined;

  constructor(road: Road, plan: ModelPlan) {
    this.#road = road;
    this.#plan = plan;
  }

  access(): Promise<ModelAccess> {
    const { house, task, tenant, run } = this.#road;
    const models = this.#plan.rungs;
    return (this.#access ??= house.models.open({ tenant: tenant.id, task: task.id, run: run.record.id, models }));
  }

  async ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    return this.#road.house.chat.ask(await this.access(), request, signal);
  }

  async socket(): ReturnType<RunModels['socket']> {
    return this.#road.house.models.socket(await this.access());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#access !== undefined) await this.#road.house.models.close(this.#road.run.record.id);
  }
}
