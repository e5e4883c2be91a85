/** Cuts a stream of server-sent events into whole events, each with the blank line that ends it. */
export class EventCutter {
  #rest = '';

  /** The events that this text completes. */
  push(text: string): readonly string[] {
    const all = this.#rest === '' ? text : this.#rest + text;
    const events: string[] = [];
    let from = 0;
    for (;;) {
      const end = endOfEvent(all, from);
      if (end < 0) break;
      events.push(all.slice(from, end));
      from = end;
    }
    this.#rest = from === 0 ? all : all.slice(from);
    return events;
  }

  /** What came after the last whole event. */
  get rest(): string {
    return this.#rest;
  }
}

/** Position after the next blank line, or -1. */
function endOfEvent(text: string, from: number): number {
  const lf = text.indexOf('\n\n', from);
  const crlf = text.indexOf('\r\n\r\n', from);
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return crlf + 4;
  return lf < 0 ? -1 : lf + 2;
}

/** One event; OpenAI's chat events have no name. */
export function eventText(data: string, name?: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
}
