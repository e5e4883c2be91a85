import { dropLease, takeLease } from '#adapters/sql/index.ts';
import type { Gateway, Purses } from '#gateway/index.ts';
import { millis } from '#kernel/clock.ts';
import type { House } from '../house.ts';
import { recoverBlocks } from './recover.ts';

const SWEEP_MS = 1000;

/** Signs of life, holds that lie idle, what dead gateways left, memories that are too old. */
export class GatewayRun {
  readonly #house: House;
  readonly #boot: string;
  readonly #purses: Purses;
  readonly #gateway: Gateway;
  readonly #upstream: AsyncDisposable;
  readonly #sweeps: readonly { sweep(): void | Promise<void> }[];

  constructor(parts: {
    house: House;
    boot: string;
    purses: Purses;
    gateway: Gateway;
    upstream: AsyncDisposable;
    sweeps: readonly { sweep(): void | Promise<void> }[];
  }) {
    this.#house = parts.house;
    this.#boot = parts.boot;
    this.#purses = parts.purses;
    this.#gateway = parts.gateway;
    this.#upstream = parts.upstream;
    this.#sweeps = parts.sweeps;
  }

  async start(): Promise<void> {
    await this.#live();
    await this.#sweep();
  }

  async run(signal: AbortSignal): Promise<void> {
    const purses = this.#purses.run(signal);
    await this.#rounds(signal);
    // Others would settle its holds as those of a dead gateway, were it silent while it waits for answers under way.
    const closed = new AbortController();
    await Promise.all([this.#rounds(closed.signal), this.#gateway.close().finally(() => closed.abort('closed'))]);
    await purses;
    await this.#purses.sweep(0);
    await this.#upstream[Symbol.asyncDispose]();
    const { owner } = this.#house.worker;
    await dropLease(this.#house.store.truth, owner, owner);
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#house;
    while (!signal.aborted) {
      await this.#round().catch((error: unknown) => {
        log.log('error', 'a round of the gateway failed', { error: String(error) });
      });
      await clock.sleep(SWEEP_MS, signal).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    await this.#live();
    await recoverBlocks(this.#house, this.#boot);
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    for (const each of this.#sweeps) await each.sweep();
  }

  async #live(): Promise<void> {
    const { store, clock, worker, leaseMs } = this.#house;
    const now = clock.now();
    await takeLease(store.truth, { name: worker.owner, owner: worker.owner, until: millis(now + leaseMs) }, now);
  }
}
