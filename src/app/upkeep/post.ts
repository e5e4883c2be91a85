import { announceWorker, dismissWorker, forgetWorkers } from '#adapters/sql/index.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Wanted } from '#domain/worker.ts';
import type { House } from '../house.ts';

const EVERY_MS = 1000;
/** A worker that is silent for so many leases is no longer listed. */
const LISTED_LEASES = 100;

/** A worker's place in the fleet: it says what it does, and hears whether it shall take no more or go. */
export class Post {
  readonly #house: House;
  readonly #slots: number;
  readonly #startedAt: Millis;
  /** Aborts when the worker shall end once what runs is done. */
  readonly #leave = new AbortController();
  #wanted: Wanted = 'serving';
  running = 0;

  constructor(house: House, slots: number) {
    this.#house = house;
    this.#slots = slots;
    this.#startedAt = house.clock.now();
  }

  get takes(): boolean {
    return this.#wanted === 'serving';
  }

  get left(): AbortSignal {
    return this.#leave.signal;
  }

  /** Says so each second until the signal aborts, and then takes itself off the list. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, log, store, worker, leaseMs } = this.#house;
    await forgetWorkers(store.queue, millis(clock.now() - LISTED_LEASES * leaseMs)).catch(() => undefined);
    while (!signal.aborted) {
      await this.say().catch((error: unknown) => {
        log.log('warn', 'the worker could not say that it lives', { error: String(error) });
      });
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
    await dismissWorker(store.queue, worker.owner).catch(() => undefined); // it is forgotten in time otherwise
  }

  async say(): Promise<void> {
    const { store, worker, clock } = this.#house;
    this.#wanted = await announceWorker(store.queue, {
      ...worker,
      slots: this.#slots,
      running: this.running,
      wanted: 'serving',
      startedAt: this.#startedAt,
      seenAt: clock.now(),
    });
    if (this.#wanted === 'draining') this.#leave.abort();
  }
}
