import {
  costOfBlock,
  dropGatewayBlock,
  type GatewayBlock,
  listLostBlocks,
  listUnendedCalls,
  modelCallEnded,
} from '#adapters/sql/index.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { House } from '../house.ts';

const NO_TOKENS = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0, reasoning: 0 };

/**
 * Settles what gateway processes that died have left: calls under way at the most that they can have cost, then each
 * hold at the sum of its calls. After a power loss the last calls may be missing from the record, so the whole hold is
 * spent. Safe in every process at once; gives how many holds there were.
 */
export async function recoverBlocks(house: House, boot: string): Promise<number> {
  const { truth } = house.store;
  const lost = await listLostBlocks(truth, house.clock.now());
  for (const block of lost) await truth.tx((tx) => settleLost(tx, house, block, boot));
  if (lost.length > 0) house.log.log('warn', 'holds of a dead gateway were settled', { holds: lost.length });
  return lost.length;
}

async function settleLost(tx: Tx, house: House, block: GatewayBlock, boot: string): Promise<void> {
  if (!(await dropGatewayBlock(tx, block.key))) return;
  for (const call of await listUnendedCalls(tx, block.key)) {
    const ended = modelCallEnded({
      id: call.id,
      costNano: call.boundNano,
      source: 'bound',
      usage: NO_TOKENS,
      status: 0,
      savedNano: nanoUsd(0),
      upstreamRequest: null,
      at: house.clock.now(),
    });
    await tx.run(ended.text, ...ended.values);
  }
  const recorded = await costOfBlock(tx, block.key);
  await house.ledger.settle(
    tx,
    block.key,
    block.boot === boot ? recorded : nanoUsd(Math.max(recorded, block.boundNano)),
  );
}
