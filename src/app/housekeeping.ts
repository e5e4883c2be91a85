import { appendEvent, listTenants, tenantOfTask } from '#adapters/sql/index.ts';
import { wakeDeferred } from './admit.ts';
import { cleanCaches } from './clean-caches.ts';
import type { House } from './house.ts';
import { remind } from './inbox.ts';
import { SYSTEM } from './principals.ts';

const EVERY_MS = 1000;
const CLEAN_EVERY_MS = 3_600_000;

/** What keeps promises without anybody asking: expired leases, lost queue entries, deferred work, reminders, the audit chain. Safe in every process at once. */
export class Housekeeping {
  readonly #house: House;
  #sealedAt = 0;
  #cleanedAt = 0;

  constructor(house: House) {
    this.#house = house;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#house;
    while (!signal.aborted) {
      await this.round().catch((error: unknown) => {
        log.log('error', 'a round of housekeeping failed', { error: String(error) });
      });
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
    await this.#house.sealAudit();
  }

  /** One round of everything. SQL is the truth: what it says has work left and no queue knows is enqueued again. */
  async round(): Promise<void> {
    await this.#expire();
    await this.#endOrphans();
    for (const task of await this.#house.lostTasks()) await this.#house.enqueue(task);
    for (const tenant of await listTenants(this.#house.store.truth)) {
      await wakeDeferred(this.#house, tenant.id);
    }
    await remind(this.#house);
    await this.#seal();
    await this.#clean();
  }

  async #clean(): Promise<void> {
    const now = this.#house.clock.now();
    if (now - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = now;
    await cleanCaches(this.#house);
  }

  async #seal(): Promise<void> {
    const now = this.#house.clock.now();
    if (now - this.#sealedAt < this.#house.auditSealEveryMs) return;
    this.#sealedAt = now;
    await this.#house.sealAudit();
  }

  /** A worker that gave no sign of life loses its job; the next one carries the run on. */
  async #expire(): Promise<void> {
    const { queue, store, clock, log } = this.#house;
    for (const task of await queue.expire()) {
      log.log('warn', 'a lease expired', { task });
      await store.truth.tx(async (tx) => {
        const tenant = await tenantOfTask(tx, task);
        if (tenant === undefined) return;
        await appendEvent(tx, clock.now(), { type: 'lease.expired', tenant, task, by: SYSTEM, data: {} });
      });
    }
  }

  async #endOrphans(): Promise<void> {
    const ended = await this.#house.endOrphans();
    if (ended.length > 0) this.#house.log.log('warn', 'programs of a dead worker were ended', { pids: ended });
  }
}
