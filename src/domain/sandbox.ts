import type { Environment } from './environment.ts';

export interface SandboxLimits {
  readonly wallMs: number;
  /** How long a program may neither print nor use processor time; any time when absent. It ends as one whose time is over. */
  readonly quietMs?: number;
  /**
   * Private memory of each process and, where control groups can be made (the profile says so), memory of all together;
   * less than 2 GiB counts as 2 GiB, since Node does not start with much less.
   */
  readonly memoryBytes: number;
  /** Processes and threads together; Node alone has about a dozen threads. */
  readonly processes: number;
  /** Bytes kept of each of stdout and stderr; a program that writes more is not stopped. */
  readonly outputBytes: number;
}

/** One program to run. Arguments are a list; nothing is ever handed to a shell. */
export interface SandboxCommand {
  /** The tenant's ordinal: programs of one tenant run as one user of their own. */
  readonly ordinal: number;
  readonly argv: readonly string[];
  /** Absolute host directory that is the only writable one; the program sees it as `/workspace`, its working directory. */
  readonly workspace: string;
  readonly environment: Environment;
  /**
   * Further absolute host paths, shown at the same place, or below `/opt/outer` where the workspace would cover them;
   * arguments that name them follow. They themselves must be readable by the tenant's user.
   */
  readonly readOnly: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly stdin?: string;
  /** Absolute host directory that is its home and outlives it; without one the home is empty and forgotten. */
  readonly home?: string;
  /** Called once, when the program has begun, in place of `stdin` and `stdout`: for programs that are talked to. */
  readonly talk?: (talk: SandboxTalk) => void;
  readonly limits: SandboxLimits;
  /** Which part of an output beyond the limit is kept; the beginning when absent. */
  readonly keeps?: 'beginning' | 'end';
  /** Told of what the program prints while it runs, in pieces of any size. */
  readonly heard?: (text: string) => void;
}

/** Both ends of a program while it runs. Its output waits until it is read. */
export interface SandboxTalk {
  readonly input: WritableStream<Uint8Array>;
  readonly output: ReadableStream<Uint8Array>;
}

export interface SandboxResult {
  /** Null when a signal ended it; 127 when there is no such program. */
  readonly exitCode: number | null;
  readonly endedBy: 'exit' | 'signal' | 'timeout' | 'abort';
  /** Empty when it was talked to. */
  readonly stdout: string;
  readonly stderr: string;
  /** True when output was dropped beyond the limit. */
  readonly truncated: boolean;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What the walls are made of, as said on cards and in evidence. */
export type SandboxProfile = {
  readonly kind: 'bubblewrap' | 'process';
  readonly network: 'none' | 'open';
  readonly filesystem: 'workspace-only' | 'open';
  readonly limits: readonly string[];
  /** What a reader must know, in plain words; empty when nothing is missing. */
  readonly warnings: readonly string[];
};

/** Runs untrusted programs. At the end the whole process tree is gone, also what double-forked. */
export interface Sandbox {
  readonly profile: SandboxProfile;
  /** User and group id that must own the workspace of this tenant; undefined when it is the user of Maestro itself. */
  userOf(ordinal: number): number | undefined;
  run(command: SandboxCommand, signal: AbortSignal): Promise<SandboxResult>;
}

const FIRST_USER = 20_000;
const USERS = 40_000;

/** User and group id of a tenant's programs where Maestro runs as root: 20 000 + ordinal, so at most 40 000 tenants. */
export function sandboxUser(ordinal: number): number {
  if (!Number.isInteger(ordinal) || ordinal < 1 || ordinal > USERS) {
    throw new RangeError(`a tenant's ordinal is an integer from 1 to ${USERS}, not ${ordinal}`);
  }
  return FIRST_USER + ordinal;
}
