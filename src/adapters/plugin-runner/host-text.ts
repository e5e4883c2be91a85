import { RE2JS } from 're2js';
import { REFUSED } from '#domain/plugin-abi.ts';
import type { CallState } from './call-state.ts';

const MOST_PATTERN_BYTES = 4096;
const MOST_PROGRAM = 5000;
const MOST_MATCHES = 100_000;

/** Regular expressions of RE2: linear time in the text, so a pattern of the guest's cannot hang the host. */
export class LinearText {
  readonly #state: CallState;
  readonly #compiled = new Map<string, RE2JS | null>();

  constructor(state: CallState) {
    this.#state = state;
  }

  /** Holds pairs of u32 byte offsets. */
  find(pattern: string | null, text: Uint8Array, flags: number, max: number): number {
    const program = pattern === null ? null : this.#compile(pattern, flags & 7);
    if (program === null) return this.#state.refuse('REGEX_LIMIT', (pattern ?? '').slice(0, 80), REFUSED.invalid);
    this.#state.spend(text.length);
    const most = Math.min(max >>> 0, MOST_MATCHES);
    const pairs: number[] = [];
    const matcher = program.matcher(text);
    while (pairs.length < most * 2 && matcher.find()) pairs.push(matcher.start(), matcher.end());
    return this.#state.hold(new Uint8Array(Uint32Array.from(pairs).buffer));
  }

  #compile(pattern: string, flags: number): RE2JS | null {
    const key = `${flags}${pattern}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const program = compileWithin(pattern, flags);
    this.#compiled.set(key, program);
    return program;
  }
}

function compileWithin(pattern: string, flags: number): RE2JS | null {
  if (pattern.length > MOST_PATTERN_BYTES) return null;
  try {
    const program = RE2JS.compile(
      pattern,
      ((flags & 1) !== 0 ? RE2JS.CASE_INSENSITIVE : 0) |
        ((flags & 2) !== 0 ? RE2JS.MULTILINE : 0) |
        ((flags & 4) !== 0 ? RE2JS.DOTALL : 0),
    );
    return program.programSize() > MOST_PROGRAM ? null : program;
  } catch {
    return null; // not a pattern of RE2
  }
}
