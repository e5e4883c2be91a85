import { AUTO, GatewayError, type Planned, type Plans } from '#gateway/index.ts';

/** `maestro/auto` by the ladder of the gateway file: cheapest first, chosen for certain. */
export class LadderPlans implements Plans {
  readonly #rungs: readonly string[];

  constructor(rungs: readonly string[]) {
    this.#rungs = rungs;
  }

  async planFor(): Promise<Planned> {
    if (this.#rungs.length === 0) {
      throw new GatewayError('MODEL_UNKNOWN', `the gateway file has no "auto", so ${AUTO} stands for nothing`, {
        model: AUTO,
      });
    }
    return { plan: { id: 'ladder', rungs: this.#rungs, propensity: 1 }, rung: 0 };
  }
}
