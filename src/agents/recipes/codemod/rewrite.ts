import { parse, type SgNode } from '@ast-grep/napi';
import { fill, type Part } from './template.ts';

export interface Rewritten {
  readonly text: string;
  readonly matches: number;
}

/** Offsets are those of JavaScript strings (UTF-16), as this parser counts them. */
interface Span {
  readonly start: number;
  readonly end: number;
}

interface Match extends Span {
  readonly node: SgNode;
}

/** Every match replaced, at once: what a variable stands for is rewritten too, and what was written is not matched again. */
export function rewrite(language: string, text: string, pattern: string, template: readonly Part[]): Rewritten {
  const found = parse(language, text).root().findAll(pattern);
  const matches = found.map((node): Match => ({ node, ...spanOf(node) }));
  matches.sort((a, b) => a.start - b.start || b.end - a.end);
  let count = 0;

  /** The text of a span; `first` is the number of the first match that may lie in it. */
  const render = ({ start, end }: Span, first: number): string => {
    let result = '';
    let done = start;
    for (let index = first; index < matches.length; index++) {
      const match = matches[index];
      if (match === undefined || match.start >= end) break;
      if (match.start < done || match.end > end) continue;
      count += 1;
      const valueOf = ({ name, many }: { name: string; many: boolean }): string => {
        const span = many ? spanOfAll(match.node.getMultipleMatches(name)) : spanOfOne(match.node.getMatch(name));
        return span === undefined ? '' : render(span, index + 1);
      };
      result += text.slice(done, match.start) + fill(template, valueOf);
      done = match.end;
    }
    return result + text.slice(done, end);
  };
  return { text: render({ start: 0, end: text.length }, 0), matches: count };
}

function spanOf(node: SgNode): Span {
  const { start, end } = node.range();
  return { start: start.index, end: end.index };
}

function spanOfOne(node: SgNode | null): Span | undefined {
  return node === null ? undefined : spanOf(node);
}

function spanOfAll(nodes: readonly SgNode[]): Span | undefined {
  const [first, last] = [nodes.at(0), nodes.at(-1)];
  return first === undefined || last === undefined ? undefined : { start: spanOf(first).start, end: spanOf(last).end };
}
