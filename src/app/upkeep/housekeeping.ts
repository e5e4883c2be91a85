import { deleteDeliveredMessages, deleteLostPlaces, listTenants } from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { TenantId } from '#domain/ids.ts';
import { wakeDeferred } from '../tasks/admit.ts';
import { cleanCaches } from './clean-caches.ts';
import { cleanWork } from './clean-work.ts';
import type { House } from '../house.ts';
import { remind } from '../views/inbox.ts';
import { settleForgotten } from '../qos/forgotten-holds.ts';
import { releaseEndedWorkers } from './ended-workers.ts';
import { expireLeases } from './expired-leases.ts';
import { closeLeftRuns } from './left-runs.ts';
import { finishErasures } from '../governance/erase.ts';
import { keepAudit } from '../governance/prune.ts';
import { Governor } from '../qos/governor.ts';
import { reconcileQueue } from './reconcile.ts';

const EVERY_MS = 1000;
const RECONCILE_EVERY_MS = 2000;
const CLEAN_EVERY_MS = 3_600_000;

/** What keeps promises without anybody asking: expired leases, lost queue entries, deferred work, reminders, the audit chain. Safe in every process at once. */
export class Housekeeping {
  readonly #house: House;
  readonly #governor: Governor;
  #sealedAt = 0;
  #reconciledAt = 0;
  #cleanedAt = 0;

  constructor(house: House) {
    this.#house = house;
    this.#governor = new Governor(house);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#house;
    const telling = this.#tell(signal);
    while (!signal.aborted) {
      await this.round();
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
    await telling;
    await this.#attempt('the last events were not sealed and will be by the next process', () =>
      this.#house.sealAudit(),
    );
  }

  /** Messages to the outside go their own pace: a receiver that hangs holds nothing up. */
  async #tell(signal: AbortSignal): Promise<void> {
    const { clock, log, outbox } = this.#house;
    while (!signal.aborted) {
      await outbox.drain(signal).catch((error: unknown) => {
        log.log('error', 'messages were not delivered', { error: String(error) });
      });
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** One round of everything; what fails does not keep the rest from being done. */
  async round(): Promise<void> {
    await this.#all([
      () => releaseEndedWorkers(this.#house),
      () => expireLeases(this.#house),
      () => this.#reconcile(),
      () => this.#closeLandingLines(),
      () => this.#endOrphans(),
      () => this.#wake(),
      () => closeLeftRuns(this.#house),
      () => settleForgotten(this.#house),
      () => this.#governor.round(),
      () => remind(this.#house),
      () => this.#seal(),
      () => this.#clean(),
    ]);
  }

  async #all(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
    for (const part of parts) await this.#attempt('a part of housekeeping failed', part);
  }

  /** Does it; a fault is logged with these words, and whoever asked goes on. */
  async #attempt(
    words: string,
    part: () => Promise<unknown>,
    about: { readonly tenant?: TenantId } = {},
  ): Promise<void> {
    await part().catch((error: unknown) => {
      this.#house.log.log('error', words, { ...about, error: String(error) });
    });
  }

  async #wake(): Promise<void> {
    for (const { id: tenant } of await listTenants(this.#house.store.truth)) {
      await this.#attempt('deferred work was not looked at', () => wakeDeferred(this.#house, tenant), { tenant });
    }
  }

  async #reconcile(): Promise<void> {
    const now = this.#house.clock.now();
    if (now - this.#reconciledAt < RECONCILE_EVERY_MS) return;
    await reconcileQueue(this.#house);
    this.#reconciledAt = now;
  }

  async #clean(): Promise<void> {
    const now = this.#house.clock.now();
    if (now - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = now;
    const { store, caches } = this.#house;
    await this.#all([
      () => store.truth.tx((tx) => deleteDeliveredMessages(tx, millis(now - caches.keepMs))),
      () => finishErasures(this.#house),
      () => cleanCaches(this.#house),
      () => cleanWork(this.#house),
      () => keepAudit(this.#house),
    ]);
  }

  /** Landings whose run nobody holds have left; those behind them have seen it already. */
  async #closeLandingLines(): Promise<void> {
    const { store, clock } = this.#house;
    await store.truth.tx((tx) => deleteLostPlaces(tx, clock.now()));
  }

  async #seal(): Promise<void> {
    const now = this.#house.clock.now();
    if (now - this.#sealedAt < this.#house.auditSealEveryMs) return;
    this.#sealedAt = now;
    await this.#house.sealAudit();
  }

  async #endOrphans(): Promise<void> {
    const ended = await this.#house.endOrphans();
    if (ended.length > 0) this.#house.log.log('warn', 'programs of a dead worker were ended', { pids: ended });
  }
}
