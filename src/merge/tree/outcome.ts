import type { Rule } from '../rules.ts';
import type { SyntaxNode } from './node.ts';
import { each } from './three.ts';
import type { Three } from './three.ts';

/** One rule's decision in a merge; `size` is the number of tokens that it decided about. */
export interface Step {
  readonly rule: Rule;
  readonly size: number;
}

/** What is left to a person: three texts for one place, why, and in which entity. */
export interface Conflict {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly cause: string;
  /** What the texts were cut from. */
  readonly nodes: Three<readonly SyntaxNode[]>;
  /** The innermost named item around it: `function load`, `member port`. */
  readonly entity?: string;
  /** How many nodes around it were merged token by token in vain. */
  readonly tries?: number;
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

/** Names the item that conflicts without a name of their own stand in. */
export function within(outcome: Outcome, entity: string | undefined): Outcome {
  if (entity === undefined || isSettled(outcome)) return outcome;
  return { ...outcome, pieces: outcome.pieces.map((piece) => (isConflict(piece) ? { entity, ...piece } : piece)) };
}

/** The three texts of a place that is left to a person. */
export function conflict(nodes: Three<readonly SyntaxNode[]>, cause: string): Outcome {
  const texts = each(nodes, (side) => side.map((node) => node.text).join(''));
  return { pieces: [{ ...texts, nodes, cause }], steps: [] };
}

/** After so many nodes a merge by tokens meets the same tokens again: nodes further out are not tried. */
const MOST_TRIES = 6;

/** True while the tokens around some conflict are worth a try. */
export function hasUntried(outcome: Outcome): boolean {
  return outcome.pieces.some((piece) => isConflict(piece) && (piece.tries ?? 0) < MOST_TRIES);
}

/** Notes that merging the tokens was tried in vain. */
export function tried(outcome: Outcome): Outcome {
  const again = (piece: Piece): Piece => (isConflict(piece) ? { ...piece, tries: (piece.tries ?? 0) + 1 } : piece);
  return { ...outcome, pieces: outcome.pieces.map(again) };
}
