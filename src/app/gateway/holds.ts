import { addGatewayBlock, costOfBlock, dropGatewayBlock } from '#adapters/sql/index.ts';
import type { Holds, Taken } from '#gateway/index.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Priority } from '#domain/task.ts';
import type { ScopeBalance } from '#qos/index.ts';
import type { House } from '../house.ts';

/** Of a hold for many calls at once: the part of the room that it may take beyond what the first of them needs. */
const PART_OF_ROOM = 4;

type HoldRequest = Parameters<Holds['take']>[0];

/** Holds on the ledger in the name of this process; each is known to SQL in the transaction that takes it. */
export class LedgerHolds implements Holds {
  readonly #house: Pick<House, 'store' | 'ledger' | 'ids' | 'clock' | 'worker'>;
  readonly #boot: string;

  constructor(house: Pick<House, 'store' | 'ledger' | 'ids' | 'clock' | 'worker'>, boot: string) {
    this.#house = house;
    this.#boot = boot;
  }

  async take(hold: HoldRequest): Promise<Taken> {
    const { store, ids } = this.#house;
    const key = ids.next('hold');
    return store.truth.tx(async (tx) => this.#take(tx, key, hold));
  }

  async settle(key: string, spentNano: NanoUsd): Promise<void> {
    const { store, ledger } = this.#house;
    await store.truth.tx(async (tx) => {
      // What the record of calls says is spent, should it know more than the caller.
      const recorded = await costOfBlock(tx, key);
      await ledger.settle(tx, key, nanoUsd(Math.max(spentNano, recorded)));
      await dropGatewayBlock(tx, key);
    });
  }

  async #take(tx: Tx, key: string, { scopes, priority, leastNano, wantNano, mostNano }: HoldRequest): Promise<Taken> {
    const { ledger, clock, worker } = this.#house;
    const balances: ScopeBalance[] = [];
    for (const scope of scopes) {
      const balance = await ledger.balance(tx, scope);
      if (balance !== undefined) balances.push(balance);
    }
    const tightest = balances.reduce<ScopeBalance | undefined>(
      (a, b) => (a === undefined || roomOf(b, priority) < roomOf(a, priority) ? b : a),
      undefined,
    );
    const room = tightest === undefined ? Number.POSITIVE_INFINITY : roomOf(tightest, priority);
    if (tightest !== undefined && room < leastNano) return over(tightest, room);
    const ahead = Math.max(wantNano, Math.min(mostNano, Math.floor(room / PART_OF_ROOM)));
    const boundNano = nanoUsd(Math.min(ahead, room));
    const reserved = await ledger.reserve(tx, { key, scopes, boundNano, priority });
    if (reserved.kind === 'over_cap') return over(reserved.balance, roomOf(reserved.balance, priority));
    await addGatewayBlock(tx, { key, owner: worker.owner, boot: this.#boot, boundNano }, clock.now());
    return { kind: 'held', key, nano: boundNano };
  }
}

/** Infinity for a scope without a cap. */
function roomOf({ capNano, spentNano, heldNano, keptForHiNano }: ScopeBalance, priority: Priority): number {
  if (capNano === null) return Number.POSITIVE_INFINITY;
  const kept = priority === 'hi' ? 0 : keptForHiNano;
  return Math.max(0, capNano - kept - spentNano - heldNano);
}

function over({ scope, heldNano, capNano }: ScopeBalance, room: number): Taken {
  return { kind: 'over', scope, roomNano: nanoUsd(room), heldNano, capNano: capNano ?? nanoUsd(0) };
}
