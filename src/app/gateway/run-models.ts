import { callsOfRun } from '#adapters/sql/index.ts';
import { openDoor } from '#adapters/gateway-door/index.ts';
import type { ModelAccess, ModelDoor, ModelRequest, ModelUse } from '#agents/index.ts';
import { millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { RunId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import { slotCost } from '#domain/usage.ts';
import { admissionsOf } from '../tasks/admission.ts';
import { APP_ERRORS, AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { issueRunKey, revokeRunKeys } from './keys.ts';
import type { ServeGateway } from './open-gateway.ts';

const LOOK_MS = 100;

/** How runs reach the gateway: each by a key of its own, at the gateway of its process or at the one that a setting names. */
export class GatewayModels implements ModelDoor {
  /** The house that this is a part of. */
  readonly #house: () => House;
  readonly #runWallMs: number;
  readonly #drainMs: number;
  #serve: ServeGateway | undefined;
  readonly #url: string | undefined;

  constructor(parts: { house: () => House; url: string | undefined; runWallMs: number; drainMs: number }) {
    this.#house = parts.house;
    this.#runWallMs = parts.runWallMs;
    this.#drainMs = parts.drainMs;
    this.#url = parts.url?.replace(/\/+$/, '');
  }

  /** Whoever serves tells how; the setting `gateway.url` wins. */
  servedBy(serve: ServeGateway): void {
    this.#serve = serve;
  }

  problem(): Reason | undefined {
    if (this.#house().hasGateway) return undefined;
    const { cure } = APP_ERRORS.MODELS_ABSENT;
    return { code: 'MODELS_ABSENT', msg: 'no model is connected', field: 'work.name', fix: cure };
  }

  async open({ task, run, agent, models }: ModelRequest): Promise<ModelAccess> {
    const { clock, slotNanoPerHour, store } = this.#house();
    const slot = slotCost(this.#runWallMs, slotNanoPerHour);
    const held = (await admissionsOf(store.truth, task)).at(-1)?.boundNano ?? task.boundNano;
    // What the worker's slot may cost stays out of reach, so that the run as a whole keeps within what it holds.
    const capNano = nanoUsd(Math.max(0, held - slot));
    const expiresAt = millis(clock.now() + this.#runWallMs);
    const url = await this.#address(); // before there is a key that nothing could be done with
    const { token } = await issueRunKey(this.#house(), { task, run, agent, models, capNano, expiresAt });
    return { url, key: token };
  }

  socket(access: ModelAccess): ReturnType<ModelDoor['socket']> {
    return openDoor(access.url);
  }

  /** Answers to whoever hung up are still read for a while, since what they cost is known only then. */
  async used(run: RunId): Promise<ModelUse> {
    const { clock, store } = this.#house();
    const until = clock.now() + this.#drainMs;
    for (;;) {
      const { underWay, ...use } = await callsOfRun(store.truth, run);
      if (underWay === 0 || clock.now() >= until) return use;
      await clock.sleep(LOOK_MS);
    }
  }

  async close({ task, run }: Pick<ModelRequest, 'task' | 'run'>): Promise<void> {
    await this.#house().store.truth.tx((tx) => revokeRunKeys(tx, this.#house(), task, run));
  }

  async #address(): Promise<string> {
    if (this.#url !== undefined) return this.#url;
    if (this.#serve !== undefined) return this.#serve();
    throw new AppError('MODELS_ABSENT', 'no gateway is served in this process, and gateway.url is not set');
  }
}
