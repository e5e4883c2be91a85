/** What the exit codes of every command mean. */
export const EXIT_CODES = Object.freeze({
  0: 'done',
  1: 'the work ended badly: a check failed, a conflict is left, a gate said no',
  2: 'wrong usage',
  3: 'denied or deferred by policy or budget; the reasons are printed',
  4: 'an engine is missing or unreachable',
  70: 'a fault of Maestro itself',
} as const);

interface FlagDoc {
  /** `--weight W`. */
  readonly flag: string;
  readonly text: string;
}

/** One command for its `--help` and the reference page. */
export interface CommandDoc {
  /** `tenant add`. */
  readonly path: string;
  /** One sentence. */
  readonly summary: string;
  /** `maestro tenant add ID --weight W`. */
  readonly usage: string;
  readonly flags: readonly FlagDoc[];
  /** One command line that a test runs. */
  readonly example: string;
  readonly exitCodes: readonly (keyof typeof EXIT_CODES)[];
}
