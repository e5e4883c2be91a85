import { readTextFile } from '#adapters/files/index.ts';
import { changeModelCallReconciled, costOfBlock, listDoubtfulCalls } from '#adapters/sql/index.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { House } from '../house.ts';

/** One line of a provider's invoice. */
interface InvoiceLine {
  /** Id of the call, as the gateway told it to the provider (`x-client-request-id`). */
  readonly call: string;
  readonly nano: NanoUsd;
}

export type Reconciled = {
  readonly lines: number;
  /** Calls whose cost was unknown and charged at its bound, now at what was billed. */
  readonly corrected: number;
  /** Money that came back. */
  readonly returnedNano: number;
};

/** Brings calls that were charged at their bound down to what the provider billed, and the ledger with them. */
export async function reconcileFile(
  house: House,
  options: {
    readonly path: string;
    /** The invoice has every call until now, so what it does not have was not billed. */
    readonly complete: boolean;
  },
): Promise<Reconciled> {
  const billed = new Map<string, NanoUsd>();
  for (const { call, nano } of invoiceLines(readTextFile(options.path))) billed.set(call, nano);
  let [corrected, returnedNano] = [0, 0];
  for (const call of await listDoubtfulCalls(house.store.truth, house.clock.now())) {
    const nano = billed.get(call) ?? (options.complete ? nanoUsd(0) : undefined);
    if (nano === undefined) continue;
    const less = await correct(house, call, nano);
    if (less === undefined) continue;
    corrected++;
    returnedNano += less;
  }
  return { lines: billed.size, corrected, returnedNano };
}

async function correct(house: House, call: string, nano: NanoUsd): Promise<number | undefined> {
  return house.store.truth.tx(async (tx) => {
    const changed = await changeModelCallReconciled(tx, call, nano);
    if (changed === undefined) return undefined;
    await house.ledger.correct(tx, changed.block, await costOfBlock(tx, changed.block));
    return changed.lessNano;
  });
}

/** Lines of `{"call", "nano"}` as JSON; others are no line of an invoice of ours. */
function* invoiceLines(text: string): Generator<InvoiceLine> {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const read: unknown = JSON.parse(line);
    if (typeof read !== 'object' || read === null || !('call' in read) || !('nano' in read)) continue;
    if (typeof read.call === 'string' && typeof read.nano === 'number')
      yield { call: read.call, nano: nanoUsd(read.nano) };
  }
}
