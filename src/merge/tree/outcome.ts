/** One rule's decision in a merge; `size` is the number of tokens that it decided about. */
export interface Step {
  readonly rule: string;
  readonly size: number;
}

/** What is left to a person: three texts for one place, why, and in which entity. */
export interface Conflict {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly cause: string;
}

export type Piece = string | Conflict;

/** A merged text in pieces, and the decisions that made it. */
export interface Outcome {
  readonly pieces: readonly Piece[];
  readonly steps: readonly Step[];
}

export function text(...pieces: readonly string[]): Outcome {
  return { pieces, steps: [] };
}

export function isConflict(piece: Piece): piece is Conflict {
  return typeof piece !== 'string';
}

export function isSettled(outcome: Outcome): boolean {
  return !outcome.pieces.some(isConflict);
}

/** The outcomes one after the other. */
export function concat(outcomes: readonly Outcome[], steps: readonly Step[] = []): Outcome {
  return {
    pieces: outcomes.flatMap((outcome) => outcome.pieces),
    steps: [...outcomes.flatMap((outcome) => outcome.steps), ...steps],
  };
}

/** The text of an outcome without conflicts. */
export function settledText(outcome: Outcome): string {
  return outcome.pieces.map((piece) => (isConflict(piece) ? '' : piece)).join('');
}
