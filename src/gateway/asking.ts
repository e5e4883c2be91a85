import type { Model } from './catalog.ts';
import type { Asked, FormatName, JsonObject } from './formats/format.ts';
import type { VirtualKey } from './key.ts';
import type { Planned } from './ports.ts';
import type { Stop } from './stop.ts';

/** A request as the server received it. */
export interface ClientCall {
  readonly format: FormatName;
  readonly body: string;
  /** Tokens are counted only, so there is no bound of the output. */
  readonly counting?: true;
  /** Of the body in UTF-8. */
  readonly bytes: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** When the client hangs up. */
  readonly gone: Stop;
}

/** What goes back: a whole text, or pieces as they come. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | AsyncIterable<string>;
}

/** A request that was read, by a key that may make it. */
export interface Asking {
  readonly id: string;
  readonly key: VirtualKey;
  readonly call: ClientCall;
  readonly body: JsonObject;
  readonly asked: Asked;
  readonly model: Model;
  readonly planned: Planned;
  /** Tokens, at most. */
  readonly input: number;
}
