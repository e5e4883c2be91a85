import { Bytes } from '../../sdk/assembly/host';

/** The first match on a line. Columns count bytes from 1. */
export class Match {
  text: Bytes = new Bytes(0, 0);
  before: Bytes[] = [];
  after: Bytes[] = [];
  score: i32 = 0;

  constructor(
    public path: Bytes,
    public line: i32,
    public column: i32,
  ) {}
}

/** Whole words count most, then lines that look like definitions, then files that are not tests and lie high in the tree. */
export function rank(match: Match, source: Bytes, start: i32, end: i32): i32 {
  let score = 0;
  if (!wordByte(source, start - 1) && !wordByte(source, end)) score += 40;
  if (definition(match.text.text())) score += 30;
  const path = match.path.text();
  if (!path.includes('test') && !path.includes('spec')) score += 10;
  for (let i = 0; i < match.path.length; i++) if (match.path.at(i) == 47) score--;
  return score;
}

export function sortByRank(matches: Match[]): void {
  matches.sort((a, b) => {
    if (a.score != b.score) return b.score - a.score;
    const order = memory.compare(a.path.ptr, b.path.ptr, <usize>min(a.path.length, b.path.length));
    if (order != 0) return order;
    return a.path.length != b.path.length ? a.path.length - b.path.length : a.line - b.line;
  });
}

function wordByte(source: Bytes, at: i32): bool {
  if (at < 0 || at >= source.length) return false;
  const c = source.at(at);
  return c == 95 || c == 36 || (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c >= 128;
}

function definition(line: string): bool {
  const begins = ['export ', 'function ', 'class ', 'interface ', 'type ', 'const ', 'def ', 'fn ', 'struct ', 'enum ', 'public '];
  const text = line.trimStart();
  for (let i = 0; i < begins.length; i++) if (text.startsWith(begins[i])) return true;
  return false;
}
