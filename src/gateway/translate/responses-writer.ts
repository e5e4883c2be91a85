import type { JsonObject } from '../formats/format.ts';
import { eventText } from '../sse.ts';
import type { Delta, Named } from './dialogue.ts';
import { callItem, messageItem, responseOf, textPart } from './responses-reply.ts';

type Open =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; arguments: string };

/** Streams of OpenAI Responses: each item is announced, grows by deltas, and is told whole at its end. */
export class ResponsesWriter {
  readonly #named: Named;
  readonly #output: JsonObject[] = [];
  #open: Open | undefined;
  #sequence = 0;

  constructor(named: Named) {
    this.#named = named;
  }

  push(delta: Delta): string {
    switch (delta.kind) {
      case 'start': {
        const response = responseOf(this.#named, undefined, [], undefined);
        return this.#say('response.created', { response }) + this.#say('response.in_progress', { response });
      }
      case 'text':
        return this.#text(delta.text);
      case 'call':
        return this.#call(delta.id, delta.name);
      case 'arguments': {
        if (this.#open?.kind !== 'call') return '';
        this.#open.arguments += delta.text;
        return this.#say('response.function_call_arguments.delta', { ...this.#at('fc'), delta: delta.text });
      }
      case 'error':
        return this.#say('error', { code: 'server_error', message: delta.message, param: null });
      case 'end': {
        const closed = this.#close();
        const response = responseOf(this.#named, delta.ended, this.#output, delta.usage);
        const type = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
        return closed + this.#say(type, { response });
      }
    }
  }

  #text(text: string): string {
    let before = '';
    if (this.#open?.kind !== 'text') {
      before = this.#close();
      this.#open = { kind: 'text', text: '' };
      before += this.#added(messageItem(this.#named, this.#output.length, undefined, 'in_progress'));
      before += this.#say('response.content_part.added', { ...this.#inText(), part: textPart('') });
    }
    this.#open.text += text;
    return before + this.#say('response.output_text.delta', { ...this.#inText(), delta: text, logprobs: [] });
  }

  #call(id: string, name: string): string {
    const before = this.#close();
    this.#open = { kind: 'call', id, name, arguments: '' };
    return before + this.#added(callItem(this.#named, this.#output.length, this.#open, 'in_progress'));
  }

  #close(): string {
    const open = this.#open;
    if (open === undefined) return '';
    this.#open = undefined;
    const index = this.#output.length;
    if (open.kind === 'call') {
      const item = callItem(this.#named, index, open, 'completed');
      const done = { ...this.#at('fc'), name: open.name, arguments: open.arguments };
      return this.#say('response.function_call_arguments.done', done) + this.#done(item);
    }
    const part = textPart(open.text);
    return (
      this.#say('response.output_text.done', { ...this.#inText(), text: open.text, logprobs: [] }) +
      this.#say('response.content_part.done', { ...this.#inText(), part }) +
      this.#done(messageItem(this.#named, index, open.text, 'completed'))
    );
  }

  #added(item: JsonObject): string {
    return this.#say('response.output_item.added', { output_index: this.#output.length, item });
  }

  #done(item: JsonObject): string {
    const said = this.#say('response.output_item.done', { output_index: this.#output.length, item });
    this.#output.push(item);
    return said;
  }

  #at(kind: 'msg' | 'fc'): JsonObject {
    return { item_id: `${kind}_${this.#named.id}_${this.#output.length}`, output_index: this.#output.length };
  }

  #inText(): JsonObject {
    return { ...this.#at('msg'), content_index: 0 };
  }

  #say(type: string, data: JsonObject): string {
    return eventText(JSON.stringify({ type, sequence_number: this.#sequence++, ...data }), type);
  }
}
