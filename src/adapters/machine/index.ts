import { readFileSync } from 'node:fs';
import type { Clock } from '#kernel/clock.ts';
import { homedir, hostname, uptime, userInfo } from 'node:os';
import { processMark } from './process-mark.ts';

export { hasEnded } from './process-mark.ts';

/** Who runs this process, and where. */
export interface Machine {
  readonly account: string;
  readonly home: string;
  readonly host: string;
  readonly pid: number;
  /** Tells this process from every other; see processMark. Empty where the system does not say. */
  readonly mark: string;
  /** Absolute path of the Node that runs this. */
  readonly node: string;
}

/** Tells one run of the machine from the next: after another one, what was not synced to disk may be lost. */
export function bootId(clock: Clock): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `since-${Math.round(clock.now() / 60_000 - uptime() / 60)}`; // minutes, where the kernel gives no id
  }
}

export function thisMachine(): Machine {
  return {
    account: account(),
    home: homedir(),
    host: hostname(),
    pid: process.pid,
    mark: processMark(),
    node: process.execPath,
  };
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
