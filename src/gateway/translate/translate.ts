import type { FormatName, JsonObject } from '../formats/format.ts';
import type { Named } from './dialogue.ts';
import { TONGUES } from './tongues.ts';

/** A request in the format of a provider that speaks another one. Throws PARAMETER_REFUSED for what it has no word for. */
export function translateRequest(body: JsonObject, from: FormatName, to: FormatName): JsonObject {
  return TONGUES[to].writeRequest(TONGUES[from].readRequest(body));
}

/** An answer in the format of the client. */
export function translateAnswer(body: JsonObject, from: FormatName, to: FormatName, named: Named): JsonObject {
  return TONGUES[to].writeReply(TONGUES[from].readReply(body), named);
}

/** A streamed answer in the format of the client, event by event as they come. */
export class StreamTranslator {
  readonly #reader;
  readonly #writer;

  constructor(from: FormatName, to: FormatName, named: Named, usageEvent: boolean) {
    this.#reader = TONGUES[from].reader();
    this.#writer = TONGUES[to].writer(named, usageEvent);
  }

  /** The client's events for one whole event of the provider; often none. */
  push(event: string): string {
    let out = '';
    for (const delta of this.#reader.push(event)) out += this.#writer.push(delta);
    return out;
  }
}
