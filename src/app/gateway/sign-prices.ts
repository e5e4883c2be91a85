import { parse } from 'yaml';
import { readTextFile, writeTextFile } from '#adapters/files/index.ts';
import { signSheet } from '#gateway/index.ts';

/** Writes the price file as a signed sheet. Throws PRICES_INVALID. */
export async function signPrices(files: {
  readonly prices: string;
  readonly key: string;
  readonly out: string;
}): Promise<void> {
  const envelope = signSheet(files.prices, parse(readTextFile(files.prices)), readTextFile(files.key));
  await writeTextFile(files.out, `${JSON.stringify(envelope, null, 2)}\n`);
}
