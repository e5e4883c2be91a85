import type { Json } from '#kernel/json.ts';

const MOST_DEPTH = 64;
const DANGEROUS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\n\r]*/y;

/**
 * Reads JSON that a guest wrote. Refuses what `JSON.parse` lets through and later code may trip over: names that reach
 * prototypes, names given twice, numbers that overflow, lone surrogates, nesting deeper than 64. Undefined when refused.
 */
export function strictJson(bytes: Uint8Array): { readonly value: Json } | { readonly fault: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { value: new StrictReader(text).document() };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'not JSON' };
  }
}

class StrictReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    if (this.#at < this.#text.length) this.#fail('something after the end');
    return value;
  }

  #value(depth: number): Json {
    if (depth > MOST_DEPTH) this.#fail(`nested deeper than ${MOST_DEPTH}`);
    this.#match(BLANK);
    const value = this.#bare(depth);
    this.#match(BLANK);
    return value;
  }

  #bare(depth: number): Json {
    const next = this.#text[this.#at];
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    if (next === '"') return this.#string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const digits = this.#match(NUMBER);
    if (digits === '') this.#fail('no value');
    const number = Number(digits);
    if (!Number.isFinite(number)) this.#fail(`${digits} is no number that can be held`);
    return number;
  }

  #object(depth: number): Json {
    const entries = new Map<string, Json>();
    this.#at++;
    this.#match(BLANK);
    if (this.#eat('}')) return {};
    do {
      this.#match(BLANK);
      const name = this.#string();
      if (DANGEROUS.has(name)) this.#fail(`the name ${name} is not accepted`);
      if (entries.has(name)) this.#fail(`the name ${name} comes twice`);
      this.#match(BLANK);
      if (!this.#eat(':')) this.#fail('no colon');
      entries.set(name, this.#value(depth + 1));
    } while (this.#eat(','));
    if (!this.#eat('}')) this.#fail('the object does not end');
    return Object.fromEntries(entries);
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at++;
    this.#match(BLANK);
    if (this.#eat(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#eat(','));
    if (!this.#eat(']')) this.#fail('the array does not end');
    return items;
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') this.#fail('no string');
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    // JSON.parse checks escapes and control characters; the cast is true, since the piece begins and ends with quotes.
    const text = JSON.parse(this.#text.slice(this.#at, end + 1)) as string;
    if (!text.isWellFormed()) this.#fail('a lone surrogate');
    this.#at = end + 1;
    return text;
  }

  #eat(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #fail(why: string): never {
    throw new SyntaxError(`at character ${this.#at}: ${why}`);
  }
}
