import type { CommandContext } from '@stricli/core';
import { withoutOwnKeys } from '#kernel/own-keys.ts';
import { isMaestroError } from '#kernel/error.ts';
import { Refusal } from '#app/perform.ts';
import { EXIT, type Exit } from './exit.ts';
import { type Io, makeIo, reasonLines } from './io.ts';

/** What the command line library hands to every command. */
export interface Shell extends CommandContext {
  readonly process: ShellProcess;
  /** Aborts on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
  /** How other programs start this command line: Node and the launcher. */
  readonly launcher: readonly string[];
}

/** The part of the process that commands speak through and leave their exit code in. */
interface ShellProcess {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  exitCode: number | null;
}

/** The flags that every command takes. */
export interface CommonFlags {
  readonly json: boolean;
  readonly dataDir?: string;
  readonly color: boolean;
}

export const COMMON_FLAGS = {
  json: {
    kind: 'boolean',
    brief: 'Print JSON: one document, or lines for streams',
    default: false,
    withNegated: false,
  },
  dataDir: {
    kind: 'parsed',
    parse: String,
    brief: 'Folder of the state (.maestro unless set)',
    optional: true,
    placeholder: 'DIR',
  },
  color: { kind: 'boolean', brief: 'Colours, where a person watches', default: true },
} as const;

/** What a command works with: where to speak, when to stop. */
export interface Call {
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly stdin: NodeJS.ReadStream;
  readonly launcher: readonly string[];
}

/** Brief, and an example that can be typed as it is; a test runs it. */
export function docs(brief: string, example: string, details = ''): { brief: string; fullDescription: string } {
  return { brief, fullDescription: `${brief}.${details === '' ? '' : ` ${details}`}\n\nExample: ${example}` };
}

/**
 * The body of a command as the library wants it: every ending becomes an exit code, every fault a message with
 * code and cure on standard error (with `--json` as a document).
 */
export function command<Flags extends CommonFlags, Args extends readonly unknown[]>(
  run: (call: Call, flags: Flags, ...args: Args) => Promise<Exit>,
): (this: Shell, flags: Flags, ...args: Args) => Promise<void> {
  return async function (flags, ...args) {
    const io = makeIo(this.process, flags);
    try {
      this.process.exitCode = await run(
        { io, signal: this.signal, stdin: this.process.stdin, launcher: this.launcher },
        flags,
        ...args,
      );
    } catch (error) {
      this.process.exitCode = await explain(io, error);
    }
  };
}

async function explain(io: Io, error: unknown): Promise<Exit> {
  if (error instanceof Refusal) {
    if (io.json) io.out(`${JSON.stringify({ state: 'denied', reasons: error.reasons })}\n`);
    io.err(`denied by policy\n${reasonLines(error.reasons)}\n`);
    return EXIT.refused;
  }
  const known = isMaestroError(error);
  const fault = known
    ? { code: error.code, message: error.message, cure: error.cure, details: error.details }
    : {
        code: 'INTERNAL',
        message: error instanceof Error ? error.message : String(error),
        cure: 'Report it with the details; the work is kept and can be retried',
        details: { stack: error instanceof Error ? (error.stack ?? '') : '' },
      };
  const text = io.json
    ? JSON.stringify({ error: fault })
    : `error ${fault.code}: ${fault.message}\n  cure: ${fault.cure}`;
  io.err(`${withoutOwnKeys(text)}\n`);
  if (!known) return EXIT.bug;
  const { exitOf } = await import('#app/errors.ts'); // the tables of every room: loaded for who needs one
  return exitOf(error.code);
}
