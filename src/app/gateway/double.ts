import { readJsonFile } from '#adapters/files/index.ts';
import { type Double, type PriceList, readScript, startDouble } from '#adapters/provider-double/index.ts';

/** Starts the stand-in for model providers, with the files that a person named. */
export async function openDouble(options: {
  readonly port: number;
  readonly script?: string;
  readonly prices?: string;
  readonly invoice?: string;
}): Promise<Double> {
  return startDouble({
    port: options.port,
    // The cast is what the file is for: a price list of the double's own.
    prices: options.prices === undefined ? {} : ((await readJsonFile(options.prices)) as PriceList),
    ...(options.script === undefined ? {} : { script: readScript(await readJsonFile(options.script)) }),
    ...(options.invoice === undefined ? {} : { invoice: options.invoice }),
  });
}
