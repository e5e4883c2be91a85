import type { ChatAnswer, ChatRequest, ModelAccess, RunModels } from '#agents/index.ts';
import type { ModelPlan } from '#domain/plan.ts';
import { Lazy } from '#kernel/lazy.ts';
import type { Road } from '../road.ts';

/** A run's way to models: a key of its own, made when it is first needed and worthless afterwards. */
export class RunModelsOf implements RunModels, AsyncDisposable {
  readonly #road: Road;
  readonly #access: Lazy<ModelAccess>;
  #asked = false;

  constructor(road: Road, plan: ModelPlan) {
    this.#road = road;
    const { house, task, agent, run } = road;
    this.#access = new Lazy(() => house.models.open({ task, run: run.record.id, agent, models: plan.rungs }));
  }

  access(): Promise<ModelAccess> {
    this.#asked = true;
    return this.#access.get();
  }

  async ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    return this.#road.house.chat.ask(await this.access(), request, signal);
  }

  async socket(): ReturnType<RunModels['socket']> {
    return this.#road.house.models.socket(await this.access());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { house, task, run } = this.#road;
    if (this.#asked) await house.models.close({ task, run: run.record.id });
  }
}
