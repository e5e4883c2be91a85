import type { NanoUsd } from '#kernel/money.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** A hold of the ledger that a gateway process draws on. */
export interface GatewayBlock {
  readonly key: string;
  readonly owner: string;
  /** Identity of the machine's run: another one means that the power was lost in between. */
  readonly boot: string;
  readonly boundNano: NanoUsd;
}

/** In the transaction that takes the hold. */
export async function addGatewayBlock(tx: Tx, block: GatewayBlock, at: Millis): Promise<void> {
  await tx.run(
    'insert into gateway_block (key, owner, boot, bound_nano, opened_at) values ($1, $2, $3, $4, $5)',
    block.key,
    block.owner,
    block.boot,
    block.boundNano,
    at,
  );
}

/** In the transaction that settles the hold; false when somebody did so before. */
export async function dropGatewayBlock(tx: Tx, key: string): Promise<boolean> {
  return (await tx.run('delete from gateway_block where key = $1', key)) === 1;
}

/** Holds whose owner has given no sign of life since its lease ended. */
export async function listLostBlocks(tx: Tx, now: Millis): Promise<GatewayBlock[]> {
  const rows = await tx.all<{ key: string; owner: string; boot: string; bound_nano: number }>(
    `select key, owner, boot, bound_nano from gateway_block
     where not exists (select 1 from lease l where l.name = gateway_block.owner and l.until_at >= $1) order by key`,
    now,
  );
  return rows.map(({ key, owner, boot, bound_nano }) => ({ key, owner, boot, boundNano: nanoUsd(bound_nano) }));
}
