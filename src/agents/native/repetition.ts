/** One tool call and what came of it, as texts that are equal when both are the same. */
export interface Act {
  readonly call: string;
  readonly result: string;
}

/** How often the last action, or the last short cycle of actions, came back with the same results. */
const WARN_AT = 3;
const STOP_AT = 5;
const LONGEST_CYCLE = 4;

/** An agent that goes in circles is told so, and stopped when it goes on. */
export function repetition(acts: readonly Act[]): 'none' | 'warn' | 'stop' {
  const most = Math.max(...Array.from({ length: LONGEST_CYCLE }, (_, i) => rounds(acts, i + 1)));
  if (most >= STOP_AT) return 'stop';
  return most >= WARN_AT ? 'warn' : 'none';
}

/** How many times the last `length` actions stand at the end, one after the other. */
function rounds(acts: readonly Act[], length: number): number {
  let count = 1;
  for (let from = acts.length - 2 * length; from >= 0; from -= length, count++) {
    for (let i = 0; i < length; i++) {
      const [a, b] = [acts[from + i], acts[acts.length - length + i]];
      if (a?.call !== b?.call || a?.result !== b?.result) return count;
    }
  }
  return count;
}
