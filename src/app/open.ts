import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { readConfig } from './config.ts';
import type { House } from './house.ts';
import { wire } from './wire.ts';

export type { House } from './house.ts';

/** The system on the data directory that flags, environment and files name. Close it with `await using`. */
export async function openHouse(flags: { readonly dataDir?: string }): Promise<House & AsyncDisposable> {
  const config = readConfig({ flags: flags.dataDir === undefined ? {} : { dataDir: flags.dataDir } });
  return wire({
    config,
    version: version(),
    account: account(),
    searchPath: config.searchPath,
    home: homedir(),
    host: hostname(),
    pid: process.pid,
    writeLog: (line) => void process.stderr.write(line),
  });
}

/** Version of the package that this code belongs to. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  // The cast is true: npm packs no package.json without a version.
  return (JSON.parse(text) as { version: string }).version;
}

function account(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`; // an account without an entry in the password file
  }
}
