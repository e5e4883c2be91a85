import type { Json } from '#kernel/json.ts';
import type { Reason } from '#domain/reason.ts';

/** Where a command speaks: data to `out`, everything else to `err`. */
export interface Io {
  readonly json: boolean;
  /** True when a person watches: colours, redrawn tables. */
  readonly live: boolean;
  readonly color: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** The result of a command: one JSON document, or the text made for people. */
export function tell(io: Io, document: Json, text: () => string): void {
  if (io.json) io.out(`${JSON.stringify(document)}\n`);
  else io.out(`${text()}\n`);
}

/** A refusal as people read it: what, where, and the next step. */
export function reasonLines(reasons: readonly Reason[]): string {
  return reasons.map(({ code, msg, fix }) => `  ${code}: ${msg}\n    next: ${fix}`).join('\n');
}

/** Columns padded to the widest cell; the last one is left as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
    .join('\n');
}

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Colours only where a person watches and none is forbidden (`NO_COLOR`, `--no-color`, a pipe). */
export function makeIo(process: Streams, flags: { readonly json: boolean; readonly color: boolean }): Io {
  const live = process.stdout.isTTY === true && !flags.json;
  return {
    json: flags.json,
    live,
    color: live && flags.color && process.stdout.getColorDepth() > 1,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}
