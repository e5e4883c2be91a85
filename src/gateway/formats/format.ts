import type { TokenUsage } from '../tokens.ts';

/** The wire formats that clients and providers speak. */
export const FORMATS = ['chat', 'responses', 'messages'] as const;
export type FormatName = (typeof FORMATS)[number];

/** A JSON object from outside; nobody has read its members yet. */
export type JsonObject = { readonly [key: string]: unknown };

/** What a request asks for, as far as money and routing need to know. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  /** Undefined when the client leaves it to the model. */
  readonly maxOutput: number | undefined;
  /** Answers to one prompt; each may be as long as `maxOutput`. */
  readonly choices: number;
  /** The client itself wants the event that carries the usage. */
  readonly usageEvent: boolean;
  /** The same request must give the same answer: its temperature is 0. */
  readonly repeatable: boolean;
  /** Tools add a prompt of the provider's own. */
  readonly tools: boolean;
}

/** What the gateway sets in a request before it goes out. */
export interface Settled {
  readonly model: string;
  readonly maxOutput: number;
  readonly stream: boolean;
  /** How the provider calls the bound of the output in chat. */
  readonly maxField: 'max_tokens' | 'max_completion_tokens';
}

/** Watches the events of one streamed answer. */
export interface StreamWatch {
  /** False for an event that the client did not ask for. */
  see(event: string): boolean;
  /** The provider said that it has finished. */
  readonly done: boolean;
  /** As far as it was reported by now. */
  readonly usage: TokenUsage | undefined;
  /** The usage so far lacks what is still generated. */
  readonly partial: boolean;
}

/** One wire format: how to read what money depends on, and what to set. Bodies are otherwise left as they came. */
export interface WireFormat {
  readonly name: FormatName;
  /** Below the base address of a provider. */
  readonly path: string;
  /** Throws REQUEST_MALFORMED. */
  read(body: JsonObject): Asked;
  settle(body: JsonObject, settled: Settled): JsonObject;
  /** Undefined when the answer does not say. */
  usageOf(answer: JsonObject): TokenUsage | undefined;
  watch(asked: Pick<Asked, 'usageEvent'>): StreamWatch;
}
