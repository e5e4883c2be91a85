import { createHash } from 'node:crypto';
import type { Prompt, PromptTokens } from './prompt.ts';
import { tokensOf } from './tokens.ts';

/** OpenAI caches by itself, in steps of 128 tokens from 1024 on; Anthropic up to its breakpoints, from 1024 tokens on. */
const LEAST = 1024;
const STEP = 128;
const LIVES_MS = 5 * 60_000;

/** Prefixes that were seen in the last five minutes, matched by hash. `matched` counts what could have been served at best. */
export class PrefixCache {
  readonly #seen = new Map<string, number>();
  #cacheable = 0;
  #served = 0;

  openai(prompt: Prompt, now: number): PromptTokens {
    const tokens = prompt.parts.flatMap(({ text }) => tokensOf(text));
    const marks: number[] = [];
    for (let at = LEAST; at <= tokens.length; at += STEP) marks.push(at);
    const hit = this.#match(prompt.model, tokens, marks, now);
    this.#count(prompt.model, tokens, hit, now);
    return { input: tokens.length - hit, cacheRead: hit, cacheWrite: 0 };
  }

  anthropic(prompt: Prompt, now: number): PromptTokens {
    const tokens: string[] = [];
    const marks: number[] = [];
    for (const { text, breakpoint } of prompt.parts) {
      tokens.push(...tokensOf(text));
      if (breakpoint && tokens.length >= LEAST) marks.push(tokens.length);
    }
    // A breakpoint also finds what was cached at an earlier part's end (up to 20 parts back).
    const ends = endsOf(prompt).filter((end) => end >= LEAST && end <= (marks.at(-1) ?? 0));
    const hit = this.#match(prompt.model, tokens, marks.length === 0 ? [] : ends, now);
    for (const mark of marks) this.#remember(prompt.model, tokens, mark, now);
    const written = Math.max(0, (marks.at(-1) ?? 0) - hit);
    this.#count(prompt.model, tokens, hit, now);
    return { input: tokens.length - hit - written, cacheRead: hit, cacheWrite: written };
  }

  /** Tokens that stood in the longest prefix seen before, whatever the client did about caching; and those served. */
  get figures(): { readonly cacheable: number; readonly served: number } {
    return { cacheable: this.#cacheable, served: this.#served };
  }

  #match(model: string, tokens: readonly string[], marks: readonly number[], now: number): number {
    let hit = 0;
    for (const mark of marks) {
      const until = this.#seen.get(digest(model, tokens, mark));
      if (until !== undefined && until > now) hit = mark;
    }
    for (const mark of marks) this.#remember(model, tokens, mark, now);
    return hit;
  }

  /** Its own memory of prefixes, in steps of 128 tokens, against which the served share is measured. */
  #count(model: string, tokens: readonly string[], hit: number, now: number): void {
    let best = 0;
    for (let at = LEAST; at <= tokens.length; at += STEP) {
      const key = `any ${digest(model, tokens, at)}`;
      if ((this.#seen.get(key) ?? 0) > now) best = at;
      this.#seen.set(key, now + LIVES_MS);
    }
    this.#cacheable += Math.max(best, hit);
    this.#served += hit;
  }

  #remember(model: string, tokens: readonly string[], mark: number, now: number): void {
    this.#seen.set(digest(model, tokens, mark), now + LIVES_MS);
  }
}

function endsOf(prompt: Prompt): number[] {
  let at = 0;
  return prompt.parts.map(({ text }) => (at += tokensOf(text).length)).slice(-20);
}

function digest(model: string, tokens: readonly string[], length: number): string {
  return createHash('sha256')
    .update(`${model}\0${tokens.slice(0, length).join('\0')}`)
    .digest('base64');
}
