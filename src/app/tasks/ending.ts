import type { RunOutcome } from '#agents/index.ts';
import type { ChangeId } from '#domain/ids.ts';
import type { Landing } from '#domain/landing.ts';
import type { Reason } from '#domain/reason.ts';

/** What a run came to. `again`: nothing is wrong, but the base moved so far that the work is done anew from there. */
export type Ending =
  | { readonly kind: 'landed'; readonly change: ChangeId; readonly landing: Landing }
  | { readonly kind: 'no_change'; readonly summary: string }
  | { readonly kind: 'needs_human'; readonly reasons: readonly Reason[]; readonly change?: ChangeId }
  | { readonly kind: 'denied'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'again'; readonly reasons: readonly Reason[]; readonly change?: ChangeId };

export function reasonsOf(ending: Ending): readonly Reason[] {
  return ending.kind === 'landed' || ending.kind === 'no_change' ? [] : ending.reasons;
}

/** How a run ends whose runner made no change. */
export function outcomeEnding(outcome: Exclude<RunOutcome, { kind: 'change' }>): Ending {
  return outcome.kind === 'no_change' ? { kind: 'no_change', summary: outcome.summary } : outcome;
}
