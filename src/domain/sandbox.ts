import type { Environment } from './environment.ts';
import type { TenantId } from './ids.ts';

export interface SandboxLimits {
  readonly wallMs: number;
  readonly memoryBytes: number;
  readonly processes: number;
  /** Bytes kept of each of stdout and stderr; a program that writes more is cut off there, not stopped. */
  readonly outputBytes: number;
}

/** One program to run. Arguments are a list; nothing is ever handed to a shell. */
export interface SandboxCommand {
  readonly tenant: TenantId;
  readonly argv: readonly string[];
  /** Absolute host directory that is the only writable one; the program sees it as `/workspace`, its working directory. */
  readonly workspace: string;
  readonly environment: Environment;
  /** Further absolute host paths, readable at the same place. */
  readonly readOnly: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly stdin?: string;
  readonly limits: SandboxLimits;
}

export interface SandboxResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBy: 'exit' | 'signal' | 'timeout' | 'abort';
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
  run(command: SandboxCommand, signal: AbortSignal): Promise<SandboxResult>;
}
