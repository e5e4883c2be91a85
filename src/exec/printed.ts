import { withoutOwnKeys } from '#kernel/own-keys.ts';
import { plainText } from '#kernel/plain-text.ts';
import type { SandboxResult } from '#domain/sandbox.ts';
import type { TestOutput } from '#domain/test-report.ts';

/** What a program printed as people may read it: plain text, without keys of ours. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  /** The sandbox dropped a part. */
  readonly truncated: boolean;
}

export function printedBy({ stdout, stderr, truncated }: SandboxResult): Printed {
  return { stdout: readable(stdout), stderr: readable(stderr), truncated };
}

/** Escapes go first: a key with one inside would not be known as a key. */
function readable(text: string): string {
  return withoutOwnKeys(plainText(text));
}

/**
 * The end of what was printed, at most so many characters, standard error behind standard output. Where both are long each
 * has half of the room, since either may hold what tells.
 */
export function endOf({ stdout, stderr, truncated }: Printed, most: number): TestOutput {
  const half = Math.floor(most / 2);
  const out = cut(stdout, Math.max(half, most - stderr.length));
  const err = cut(stderr, Math.max(half, most - stdout.length));
  const whole = !truncated && out === stdout && err === stderr;
  return { text: [out, err].filter(Boolean).join('\n--- stderr ---\n'), whole };
}

function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  return `[${text.length - room} characters before this are not kept]\n${text.slice(-room).toWellFormed()}`;
}
