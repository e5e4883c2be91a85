import type { Prompt, PromptTokens } from './prompt.ts';
import type { Turn } from './script.ts';
import { tokensOf } from './tokens.ts';

/** What the double says to one prompt, in no format yet. */
export interface Answer {
  readonly id: string;
  readonly model: string;
  /** Cut to the length that the request allows. */
  readonly pieces: readonly Piece[];
  readonly ended: 'said' | 'calls' | 'length';
  readonly prompt: PromptTokens;
  readonly output: number;
  readonly usageEvent: boolean;
}

/** A text, or a part of the arguments of the n-th call. */
type Piece = { readonly tokens: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: number; readonly id: string; readonly name: string }
  | { readonly kind: 'arguments'; readonly call: number; readonly text: string }
);

/** Tokens of one event of a stream. */
const TOGETHER = 4;

export function answerOf(id: string, prompt: Prompt, served: PromptTokens, turn: Turn): Answer {
  const all = [...textPieces(turn.text ?? ''), ...(turn.calls ?? []).flatMap((call, i) => callPieces(id, call, i))];
  const pieces: Piece[] = [];
  let output = 0;
  for (const piece of all) {
    if (output + piece.tokens > prompt.maxOutput) break;
    output += piece.tokens;
    pieces.push(piece);
  }
  const whole = pieces.length === all.length;
  return {
    id,
    model: prompt.model,
    pieces,
    ended: whole ? ((turn.calls ?? []).length > 0 ? 'calls' : 'said') : 'length',
    prompt: served,
    output,
    usageEvent: prompt.usageEvent,
  };
}

function textPieces(text: string): Piece[] {
  return together(text).map((part) => ({ kind: 'text', text: part.join(''), tokens: part.length }));
}

function callPieces(id: string, call: { name: string; arguments: object }, index: number): Piece[] {
  const begin: Piece = { kind: 'call', call: index, id: `call_${id}_${index}`, name: call.name, tokens: 1 };
  const rest = together(JSON.stringify(call.arguments)).map((part): Piece => ({
    kind: 'arguments',
    call: index,
    text: part.join(''),
    tokens: part.length,
  }));
  return [begin, ...rest];
}

function together(text: string): (readonly string[])[] {
  const tokens = tokensOf(text);
  const groups: (readonly string[])[] = [];
  for (let at = 0; at < tokens.length; at += TOGETHER) groups.push(tokens.slice(at, at + TOGETHER));
  return groups;
}

export function textOf(answer: Answer): string {
  return answer.pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
}

export interface SaidCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export function callsOf(answer: Answer): readonly SaidCall[] {
  return answer.pieces.flatMap((piece) => {
    if (piece.kind !== 'call') return [];
    const parts = answer.pieces.flatMap((each) =>
      each.kind === 'arguments' && each.call === piece.call ? [each.text] : [],
    );
    return [{ id: piece.id, name: piece.name, arguments: parts.join('') }];
  });
}
