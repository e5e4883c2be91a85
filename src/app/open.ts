import { packageVersion, thisMachine } from '#adapters/machine/index.ts';
import { readConfig } from './config/config.ts';
import type { House } from './house.ts';
import { wire } from './wire/wire.ts';

export type { House } from './house.ts';

/** The system on the data directory that flags, environment and files name. Close it with `await using`. */
export async function openHouse(flags: {
  readonly dataDir?: string;
  readonly workerLabels?: readonly string[];
}): Promise<House & AsyncDisposable> {
  const config = readConfig({
    flags: {
      ...(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }),
      ...(flags.workerLabels === undefined ? {} : { 'worker.labels': flags.workerLabels.join(',') }),
    },
  });
  const writeLog = (line: string): void => void process.stderr.write(line);
  return wire({ config, machine: thisMachine(), version: packageVersion(), writeLog });
}

/** Version of the package that this code belongs to. */
export function version(): string {
  return packageVersion();
}
