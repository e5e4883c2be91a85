import { withoutOwnKeys } from '#kernel/own-keys.ts';
import { plainText } from '#kernel/plain-text.ts';
import type { SandboxResult } from '#domain/sandbox.ts';
import type { TestOutput } from '#domain/test-report.ts';

/** What a program printed as people may read it. */
export function printedBy({ stdout, stderr, truncated }: SandboxResult): TestOutput {
  return { stdout: readable(stdout), stderr: readable(stderr), whole: !truncated };
}

/** Escapes go first: a key with one inside would not be known as a key. */
function readable(text: string): string {
  return withoutOwnKeys(plainText(text));
}

/** The end of it, at most so many characters; where both streams are long each has half, since either may hold what tells. */
export function endOf({ stdout, stderr, whole }: TestOutput, most: number): TestOutput {
  const half = Math.floor(most / 2);
  const [out, err] = [
    cut(stdout, Math.max(half, most - stderr.length)),
    cut(stderr, Math.max(half, most - stdout.length)),
  ];
  return { stdout: out, stderr: err, whole: whole && out === stdout && err === stderr };
}

/** Both streams as one text. */
export function joined({ stdout, stderr }: TestOutput): string {
  return [stdout, stderr].filter(Boolean).join('\n--- stderr ---\n');
}

function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  return `[${text.length - room} characters before this are not kept]\n${text.slice(-room).toWellFormed()}`;
}
