/** A prompt in the order in which a provider reads it: tools, system, turns. Breakpoints end a part that Anthropic may cache. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  readonly maxOutput: number;
  readonly parts: readonly { readonly text: string; readonly breakpoint: boolean }[];
  /** Text of the last turn that is no assistant's. */
  readonly last: string;
  /** Assistant turns so far. */
  readonly turns: number;
  readonly tools: readonly string[];
  /** Chat only: the client asked for usage at the end of a stream. */
  readonly usageEvent: boolean;
}

/** How a prompt's tokens are served. */
export interface PromptTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}
