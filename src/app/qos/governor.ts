import { millis } from '#kernel/clock.ts';
import type { Measure } from '#qos/index.ts';
import { weight } from '#kernel/virtual-time.ts';
import { listMeasures, takeLease } from '#adapters/sql/index.ts';
import type { House } from '../house.ts';
import { orderBudgetPreemptions } from './budget-preemption.ts';
import { burnRound } from './burns.ts';
import { type Fleet, fleet } from './fleet.ts';
import { servedNow } from './served.ts';
import { orderSlotPreemptions } from './slot-preemption.ts';
import { markFreshWaits, countLateWaits } from './waits.ts';

const LEASE = 'governor';
const LEASE_MS = 5000;
const BURN_EVERY_MS = 10_000;
/** After so many rounds the queue is told again what it should know. */
const REMIND_ROUNDS = 60;

/** Keeps promises between tenants: who is in its share, who gives way, what burns, what is throttled. One process at a time does it. */
export class Governor {
  readonly #house: House;
  #burnsAt = 0;
  #rounds = 0;
  /** What the queue was told of each tenant. */
  readonly #told = new Map<string, string>();

  constructor(house: House) {
    this.#house = house;
  }

  /** One look; does nothing where another process looks. */
  async round(): Promise<void> {
    const house = this.#house;
    if (!(await this.#leads())) return;
    const now = await fleet(house);
    await markFreshWaits(house, now);
    await countLateWaits(house, now);
    const measures = await listMeasures(house.store.truth);
    await orderSlotPreemptions(house, now, measures);
    await orderBudgetPreemptions(house, now);
    if (house.clock.now() - this.#burnsAt >= BURN_EVERY_MS) {
      this.#burnsAt = house.clock.now();
      await burnRound(house, now);
    }
    await this.#tellQueue(now, await listMeasures(house.store.truth));
  }

  async #leads(): Promise<boolean> {
    const { store, clock, worker } = this.#house;
    const now = clock.now();
    return takeLease(store.truth, { name: LEASE, owner: worker.owner, until: millis(now + LEASE_MS) }, now);
  }

  /** Weights and classes as stops and measures want them; only what has changed. */
  async #tellQueue(now: Fleet, measures: readonly Measure[]): Promise<void> {
    const { queue, store } = this.#house;
    if (this.#rounds++ % REMIND_ROUNDS === 0) this.#told.clear();
    for (const tenant of now.tenants) {
      const served = await servedNow(store.truth, tenant.id, measures, now);
      const throttle = measures.find(({ kind, tenant: id }) => kind === 'throttle' && id === tenant.id);
      const effective = Math.max(0.01, tenant.weight * (throttle?.value ?? 1));
      const told = `${served} ${effective} in ${queue.pools.size}`; // a pool that came new knows nothing yet
      if (this.#told.get(tenant.id) === told) continue;
      await queue.setWeight(tenant.id, weight(effective));
      await queue.setServed(tenant.id, served);
      this.#told.set(tenant.id, told);
    }
  }
}
