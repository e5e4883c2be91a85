/** What one answer used, in tokens; every token counts in exactly one of the first five. */
export interface TokenUsage {
  /** Read at the full price. */
  readonly input: number;
  /** Served from the provider's prompt cache. */
  readonly cacheRead: number;
  /** Written to the provider's prompt cache, kept for minutes. */
  readonly cacheWrite: number;
  /** The same, kept for an hour. */
  readonly cacheWriteHour: number;
  /** Everything generated, thoughts included. */
  readonly output: number;
  /** The part of `output` that is thought; for figures only. */
  readonly reasoning: number;
}

export const NO_TOKENS: TokenUsage = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  output: 0,
  reasoning: 0,
};

/** All tokens of the prompt, however they were served. */
export function promptTokens(usage: TokenUsage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWriteHour;
}
