import type { JsonObject } from '../formats/format.ts';
import type { TokenUsage } from '../tokens.ts';

/** A request in no format: what all three can say. */
export interface Dialogue {
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string } | undefined;
  readonly parallel: boolean | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly stop: readonly string[];
  /** JSON Schema that the answer must follow. */
  readonly schema: { readonly name: string; readonly schema: JsonObject } | undefined;
  readonly effort: string | undefined;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `data:` or `https:` address. */
  | { readonly kind: 'image'; readonly url: string }
  | Call
  | { readonly kind: 'result'; readonly id: string; readonly text: string; readonly failed: boolean };

/** The model wants a tool run. `arguments` is JSON as the model wrote it. */
export interface Call {
  readonly kind: 'call';
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: JsonObject;
}

export type Ended = 'stop' | 'calls' | 'length' | 'refused';

/** A whole answer in no format. */
export interface Reply {
  readonly parts: readonly ({ readonly kind: 'text'; readonly text: string } | Call)[];
  readonly ended: Ended;
  readonly usage: TokenUsage;
}

/** A piece of a streamed answer in no format. Calls are numbered from 0 in order of their begin. */
export type Delta =
  | { readonly kind: 'start'; readonly usage: TokenUsage | undefined }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string }
  | { readonly kind: 'arguments'; readonly text: string }
  | { readonly kind: 'end'; readonly ended: Ended; readonly usage: TokenUsage }
  | { readonly kind: 'error'; readonly message: string };

/** What an answer is called in the client's format. */
export interface Named {
  readonly id: string;
  /** As the client asked for it. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** One format, to and from what all can say. */
export interface Tongue {
  /** Throws PARAMETER_REFUSED for what the others cannot say. */
  readRequest(body: JsonObject): Dialogue;
  writeRequest(dialogue: Dialogue): JsonObject;
  readReply(answer: JsonObject): Reply;
  writeReply(reply: Reply, named: Named): JsonObject;
  /** Takes whole events. */
  reader(): { push(event: string): readonly Delta[] };
  /** Gives the text of whole events. */
  writer(named: Named, usageEvent: boolean): { push(delta: Delta): string };
}
