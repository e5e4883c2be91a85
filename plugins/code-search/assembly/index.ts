import { answer, Bytes, FileReader, findText, findTree, IGNORE_CASE, languageOf, listFiles, MULTI_LINE } from '../../sdk/assembly/host';
import { parseJson, Value } from '../../sdk/assembly/json';
import { JsonWriter } from '../../sdk/assembly/writer';
import { Literal } from './literal';
import { Match, rank, sortByRank } from './rank';

export { alloc } from '../../sdk/assembly/host';

class Query {
  pattern: string = '';
  bytes: Bytes = new Bytes(0, 0);
  mode: string = '';
  glob: string = '';
  ignoreCase: bool = false;
  context: i32 = 0;
  max: i32 = 0;

  constructor(input: Value) {
    this.pattern = input.textOf('pattern', '');
    this.bytes = Bytes.of(this.pattern);
    this.mode = input.textOf('mode', 'literal');
    this.glob = input.textOf('glob', '**');
    this.ignoreCase = input.boolOf('ignoreCase', false);
    this.context = min(20, max(0, <i32>input.numberOf('context', 0)));
    this.max = min(10000, max(1, <i32>input.numberOf('max', 200)));
  }
}

/** Literal, regular-expression or structural search over granted files: {pattern, mode, glob, ignoreCase, context, max}. */
export function run(ptr: usize, length: i32): i64 {
  const input = parseJson(new Bytes(ptr, length));
  if (input === null) return failure('the input is not JSON');
  const query = new Query(input);
  if (query.pattern == '') return failure('pattern is missing');
  if (!['literal', 'regex', 'ast'].includes(query.mode)) return failure('mode must be literal, regex or ast');
  const paths = listFiles(query.glob);
  const reader = new FileReader();
  const literal = new Literal(query.bytes);
  const matches: Match[] = [];
  let total = 0;
  let files = 0;
  for (let i = 0; i < paths.length; i++) {
    const source = reader.read(paths[i]);
    if (source === null || isBinary(source)) continue;
    files++;
    const ranges = find(query, literal, paths[i], source);
    if (ranges === null) return failure('the pattern is not accepted');
    total += ranges.length >> 1;
    collect(matches, query, paths[i], source, ranges);
  }
  return report(query, matches, files, total);
}

function find(query: Query, literal: Literal, path: Bytes, source: Bytes): Uint32Array | null {
  if (query.mode == 'literal' && !query.ignoreCase) return literal.findAll(source);
  if (query.mode != 'ast') {
    const pattern = query.mode == 'regex' ? query.bytes : Bytes.of('\\Q' + query.pattern + '\\E');
    return findText(pattern, source, MULTI_LINE | (query.ignoreCase ? IGNORE_CASE : 0), 100000);
  }
  const language = languageOf(path.text());
  const none = new Uint32Array(0);
  if (language == '') return none;
  const json = findTree(language, source, query.pattern);
  if (json === null) return none;
  const found = parseJson(json);
  if (found === null) return none;
  const ranges = new Uint32Array(found.items.length * 2);
  for (let i = 0; i < found.items.length; i++) {
    ranges[i * 2] = <u32>found.items[i].numberOf('start', 0);
    ranges[i * 2 + 1] = <u32>found.items[i].numberOf('end', 0);
  }
  return ranges;
}

/** Looks at the first bytes only, as other tools do. */
function isBinary(source: Bytes): bool {
  const end = min(source.length, 1024);
  for (let i = 0; i < end; i++) if (source.at(i) == 0) return true;
  return false;
}

const KEEP: i32 = 20000;

/** One match for each line; copies the lines, since the reader's buffer is used again. */
function collect(matches: Match[], query: Query, path: Bytes, source: Bytes, ranges: Uint32Array): void {
  let line = 1;
  let lineStart = 0;
  let at = 0;
  let lastLine = 0;
  for (let i = 0; i < ranges.length && matches.length < KEEP; i += 2) {
    const start = <i32>ranges[i];
    for (; at < start; at++) {
      if (source.at(at) != 10) continue;
      line++;
      lineStart = at + 1;
    }
    if (line == lastLine || <i32>ranges[i + 1] == start) continue;
    lastLine = line;
    const match = new Match(path, line, start - lineStart + 1);
    match.text = copyLine(source, lineStart);
    for (let n = query.context, from = lineStart; n > 0 && from > 0; n--) {
      from = previousLine(source, from);
      match.before.unshift(copyLine(source, from));
    }
    for (let n = query.context, from = nextLine(source, lineStart); n > 0 && from < source.length; n--) {
      match.after.push(copyLine(source, from));
      from = nextLine(source, from);
    }
    match.score = rank(match, source, start, <i32>ranges[i + 1]);
    matches.push(match);
  }
}

const MOST_LINE: i32 = 400;

function copyLine(source: Bytes, start: i32): Bytes {
  let end = start;
  const most = min(source.length, start + MOST_LINE);
  while (end < most && source.at(end) != 10 && source.at(end) != 13) end++;
  const ptr = heap.alloc(<usize>(end - start));
  memory.copy(ptr, source.ptr + start, <usize>(end - start));
  return new Bytes(ptr, end - start);
}

function nextLine(source: Bytes, from: i32): i32 {
  while (from < source.length && source.at(from) != 10) from++;
  return from + 1;
}

function previousLine(source: Bytes, start: i32): i32 {
  let at = start - 1;
  while (at > 0 && source.at(at - 1) != 10) at--;
  return at;
}

function report(query: Query, matches: Match[], files: i32, total: i32): i64 {
  sortByRank(matches);
  const out = new JsonWriter();
  const shown = min(matches.length, query.max);
  out.open('{').name('files').number(files).name('total').number(total);
  out.name('truncated').bool(matches.length > shown).name('matches').open('[');
  for (let i = 0; i < shown; i++) {
    const match = matches[i];
    out.open('{').name('path').bytes(match.path).name('line').number(match.line).name('column').number(match.column);
    out.name('score').number(match.score).name('text').bytes(match.text);
    lines(out, 'before', match.before);
    lines(out, 'after', match.after);
    out.close('}');
  }
  return answer(out.close(']').close('}').done());
}

function lines(out: JsonWriter, name: string, list: Bytes[]): void {
  if (list.length == 0) return;
  out.name(name).open('[');
  for (let i = 0; i < list.length; i++) out.bytes(list[i]);
  out.close(']');
}

function failure(why: string): i64 {
  return answer(new JsonWriter().open('{').name('error').text(why).close('}').done());
}
