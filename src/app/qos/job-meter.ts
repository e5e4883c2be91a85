import { costOfTask } from '#adapters/sql/index.ts';
import type { Millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { SlotMs } from '#kernel/virtual-time.ts';
import { type Capacity, type ClaimedJob, dominantCost, spendRate } from '#qos/index.ts';
import type { House } from '../house.ts';
import { fleetSlots } from './slots.ts';

/** Slots and budgets change seldom, and every running job asks each second. */
const CAPACITY_MS = 10_000;

/** What a claimed job costs its tenant in the order of work: the greater of its parts of the fleet's slots and of the company's dollars, from the claim on. */
export class JobMeter {
  readonly #house: House;
  readonly #job: ClaimedJob;
  readonly #from: Millis;
  /** What models had cost before this claim; another claim has paid for it. */
  readonly #before: Promise<number>;
  #capacity: Capacity | undefined;
  #lookedAt = 0;

  constructor(house: House, job: ClaimedJob) {
    this.#house = house;
    this.#job = job;
    this.#from = house.clock.now();
    this.#before = this.#models();
    this.#before.catch(() => undefined); // whoever asks for the cost gets the fault
  }

  /** So far. */
  async cost(): Promise<SlotMs> {
    const slotMs = this.#house.clock.now() - this.#from;
    const costNano = nanoUsd(Math.max(0, (await this.#models()) - (await this.#before)));
    return dominantCost({ slotMs, costNano }, await this.#capacityNow());
  }

  async #capacityNow(): Promise<Capacity> {
    const now = this.#house.clock.now();
    if (this.#capacity === undefined || now - this.#lookedAt >= CAPACITY_MS) {
      this.#lookedAt = now;
      this.#capacity = await capacityOf(this.#house);
    }
    return this.#capacity;
  }

  async #models(): Promise<number> {
    return costOfTask(this.#house.store.truth, this.#job.tenant, this.#job.id);
  }
}

/** Dollars count by what the company is ready to spend, the cap of its own budget; without one only slots are scarce. */
async function capacityOf(house: House): Promise<Capacity> {
  const company = await house.store.truth.tx((tx) => house.ledger.balance(tx, 'org'));
  return { slots: await fleetSlots(house), nanoPerMs: company === undefined ? nanoUsd(0) : spendRate(company) };
}
