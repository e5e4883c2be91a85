import type { FormatName, JsonObject } from '../formats/format.ts';
import type { Delta, Named, Reply } from '../translate/dialogue.ts';
import { TONGUES } from '../translate/tongues.ts';

/** A kept answer as the stream that the client asked for. */
export function replayed(format: FormatName, body: JsonObject, named: Named, usageEvent: boolean): string {
  const reply = TONGUES[format].readReply(body);
  const writer = TONGUES[format].writer(named, usageEvent);
  return deltasOf(reply)
    .map((delta) => writer.push(delta))
    .join('');
}

function deltasOf({ parts, ended, usage }: Reply): readonly Delta[] {
  const said = parts.flatMap((part): Delta[] => {
    if (part.kind === 'text') return [{ kind: 'text', text: part.text }];
    return [
      { kind: 'call', id: part.id, name: part.name },
      { kind: 'arguments', text: part.arguments },
    ];
  });
  return [{ kind: 'start', usage }, ...said, { kind: 'end', ended, usage }];
}

/** Puts a streamed answer together again, so that it can be kept. */
export class Assembler {
  readonly #reader;
  readonly #parts: ({ kind: 'text'; text: string } | { kind: 'call'; id: string; name: string; arguments: string })[] =
    [];
  #end: Extract<Delta, { kind: 'end' }> | undefined;

  constructor(format: FormatName) {
    this.#reader = TONGUES[format].reader();
  }

  push(event: string): void {
    for (const delta of this.#reader.push(event)) this.#take(delta);
  }

  /** In the format of the client; undefined when the stream did not end well. */
  body(client: FormatName, named: Named): JsonObject | undefined {
    if (this.#end === undefined) return undefined;
    const { ended, usage } = this.#end;
    return TONGUES[client].writeReply({ parts: this.#parts, ended, usage }, named);
  }

  #take(delta: Delta): void {
    const last = this.#parts.at(-1);
    if (delta.kind === 'text') {
      if (last?.kind === 'text') last.text += delta.text;
      else this.#parts.push({ kind: 'text', text: delta.text });
    }
    if (delta.kind === 'call') this.#parts.push({ kind: 'call', id: delta.id, name: delta.name, arguments: '' });
    if (delta.kind === 'arguments' && last?.kind === 'call') last.arguments += delta.text;
    if (delta.kind === 'end') this.#end = delta;
  }
}
