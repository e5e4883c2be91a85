import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';

/** Who runs this process, and where. */
export interface Machine {
  readonly account: string;
  readonly home: string;
  readonly host: string;
  readonly pid: number;
  /** Absolute path of the Node that runs this. */
  readonly node: string;
}

export function thisMachine(): Machine {
  return { account: account(), home: homedir(), host: hostname(), pid: process.pid, node: process.execPath };
}

/** Version of the package that this code belongs to. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  // The cast is true: npm packs no package.json without a version.
  return (JSON.parse(text) as { readonly version: string }).version;
}

function account(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`; // an account without an entry in the password file
  }
}
