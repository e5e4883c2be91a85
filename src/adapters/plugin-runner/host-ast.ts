import { Lang, parse, type SgNode } from '@ast-grep/napi';
import { REFUSED } from '#domain/plugin-abi.ts';
import type { CallState } from './call-state.ts';

const LANGUAGES: ReadonlyMap<string, Lang> = new Map([
  ['ts', Lang.TypeScript],
  ['tsx', Lang.Tsx],
  ['js', Lang.JavaScript],
  ['html', Lang.Html],
  ['css', Lang.Css],
]);
const MOST_SOURCE = 2 * 1024 * 1024;
const MOST_PATTERN = 4096;
const MOST_DEPTH = 500;
const MOST_MATCHES = 10_000;
const FUEL_PER_BYTE = 20;
const METAVARIABLE = /\$\$\$([A-Z_][A-Z0-9_]*)|\$([A-Z_][A-Z0-9_]*)/g;

interface Query {
  readonly language: string | null;
  readonly source: string | null;
  readonly pattern: string | null;
}

/** Structural search and rewrite. Answers are byte ranges of the source as it was given; the guest's bytes are never changed. */
export class SyntaxTrees {
  readonly #state: CallState;

  constructor(state: CallState) {
    this.#state = state;
  }

  find(query: Query): number {
    return this.#answer(query, (matches, offset, pattern) => {
      const names = [...pattern.matchAll(METAVARIABLE)];
      return matches.map((node) => ({
        ...rangeOf([node], offset),
        vars: Object.fromEntries(
          names.flatMap(([, many, one]) => {
            const nodes = captured(node, many, one);
            return nodes.length === 0 ? [] : [[many ?? one ?? '', rangeOf(nodes, offset)]];
          }),
        ),
      }));
    });
  }

  /** Where matches lie inside each other the outermost is rewritten. */
  rewrite(query: Query, replacement: string | null): number {
    if (replacement === null) return REFUSED.invalid;
    const source = query.source ?? '';
    return this.#answer(query, (matches, offset) => {
      const edits: { start: number; end: number; text: string }[] = [];
      for (const node of matches) {
        const range = rangeOf([node], offset);
        if (range.start < (edits.at(-1)?.end ?? 0)) continue;
        edits.push({ ...range, text: fill(replacement, node, source) });
      }
      return edits;
    });
  }

  #answer(
    query: Query,
    shape: (matches: SgNode[], offset: (index: number) => number, pattern: string) => unknown,
  ): number {
    const language = LANGUAGES.get(query.language ?? '');
    if (
      language === undefined ||
      query.source === null ||
      query.pattern === null ||
      query.pattern.length > MOST_PATTERN
    )
      return this.#state.refuse('AST_LIMIT', `language ${query.language ?? ''} or text not accepted`, REFUSED.invalid);
    if (query.source.length > MOST_SOURCE || tooDeep(query.source) || tooDeep(query.pattern))
      return this.#state.refuse('AST_LIMIT', 'source too long or nested too deep', REFUSED.invalid);
    const { source, pattern } = query;
    this.#state.spend(source.length);
    let matches: SgNode[] = [];
    try {
      if (wordsOf(pattern).every((word) => source.includes(word))) {
        this.#state.spend(source.length * FUEL_PER_BYTE);
        matches = parse(language, source).root().findAll(pattern);
      }
    } catch {
      return this.#state.refuse('AST_LIMIT', 'not a pattern of this language', REFUSED.invalid);
    }
    if (matches.length > MOST_MATCHES)
      return this.#state.refuse('AST_LIMIT', `more than ${MOST_MATCHES} matches`, REFUSED.invalid);
    const answer = shape(matches, byteOffsets(source), pattern);
    return this.#state.hold(new TextEncoder().encode(JSON.stringify(answer)));
  }
}

/** Names that stand in the pattern and so in every match: where one is missing nothing needs to be parsed. */
function wordsOf(pattern: string): readonly string[] {
  return pattern.replace(METAVARIABLE, ' ').match(/[A-Za-z_][A-Za-z0-9_]{2,}/g) ?? [];
}

function captured(node: SgNode, many: string | undefined, one: string | undefined): SgNode[] {
  if (many !== undefined) return node.getMultipleMatches(many);
  const match = one === undefined ? null : node.getMatch(one);
  return match === null ? [] : [match];
}

function rangeOf(nodes: readonly SgNode[], offset: (index: number) => number): { start: number; end: number } {
  const ranges = nodes.map((node) => node.range());
  return { start: offset(ranges[0]?.start.index ?? 0), end: offset(ranges.at(-1)?.end.index ?? 0) };
}

function fill(replacement: string, node: SgNode, source: string): string {
  return replacement.replace(METAVARIABLE, (_, many: string | undefined, one: string | undefined) => {
    const { start, end } = rangeOf(captured(node, many, one), (index) => index);
    return source.slice(start, end);
  });
}

/** Maps UTF-16 positions, which the parser gives, to UTF-8 positions, which the guest's bytes have. */
function byteOffsets(source: string): (index: number) => number {
  if (/^[\u0000-\u007f]*$/.test(source)) return (index) => index;
  const at = new Uint32Array(source.length + 1);
  let bytes = 0;
  for (let i = 0; i < source.length; i++) {
    at[i] = bytes;
    const unit = source.charCodeAt(i);
    const half = unit >= 0xd800 && unit < 0xe000; // each half of a pair counts two of its four bytes
    bytes += unit < 0x80 ? 1 : unit < 0x800 || half ? 2 : 3;
  }
  at[source.length] = bytes;
  return (index) => at[index] ?? bytes;
}

/** Counts open brackets: a parser recurses with them, and native stack is not ours to catch. */
function tooDeep(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    if (unit === 40 || unit === 91 || unit === 123) {
      if (++depth > MOST_DEPTH) return true;
    } else if ((unit === 41 || unit === 93 || unit === 125) && depth > 0) depth--;
  }
  return false;
}
