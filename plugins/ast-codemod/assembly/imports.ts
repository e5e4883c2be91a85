import { Bytes } from '../../sdk/assembly/host';
import { Value } from '../../sdk/assembly/json';

export class Edit {
  constructor(
    public start: i32,
    public end: i32,
    public text: string,
  ) {}
}

/** One `import { a, b as c } from "x"` that stands on its own line or lines. */
class Import {
  names: string[] = [];

  constructor(
    public start: i32,
    /** After the line end. */
    public end: i32,
    public open: i32,
    public close: i32,
    public from: string,
  ) {}
}

/** Adds an import that the new code needs and removes one that nothing uses any more. Edits come back in order. */
export function fixImports(source: Bytes, edits: Edit[], wanted: Value | null, unwanted: Value | null): Edit[] {
  const imports = readImports(source);
  if (wanted !== null && unwanted !== null && swap(source, edits, imports, wanted, unwanted)) return inOrder(edits);
  if (wanted !== null) add(source, edits, imports, wanted.textOf('name', ''), wanted.textOf('from', ''));
  if (unwanted !== null) remove(source, edits, imports, unwanted.textOf('name', ''), unwanted.textOf('from', ''));
  return inOrder(edits);
}

function inOrder(edits: Edit[]): Edit[] {
  edits.sort((a, b) => (a.start != b.start ? a.start - b.start : a.end - b.end));
  return edits;
}

/** One name in place of another of the same import: two edits of one place would overlap. */
function swap(source: Bytes, edits: Edit[], imports: Import[], wanted: Value, unwanted: Value): bool {
  const from = wanted.textOf('from', '');
  const name = wanted.textOf('name', '');
  const old = unwanted.textOf('name', '');
  if (name == '' || from != unwanted.textOf('from', '')) return false;
  for (let i = 0; i < imports.length; i++) {
    const one = imports[i];
    if (one.from != from || !one.names.includes(old) || one.names.includes(name)) continue;
    if (stillUsed(source, edits, one, old)) return false;
    const at = specifier(source, one, old);
    edits.push(new Edit(at.start, at.end, name));
    return true;
  }
  return false;
}

/** Where `name`, `type name` or `other as name` stands between the braces, without the blanks around it. */
function specifier(source: Bytes, one: Import, name: string): Edit {
  let from = one.open + 1;
  while (from < one.close) {
    let end = from;
    while (end < one.close && source.at(end) != 44) end++;
    const text = source.slice(from, end).text();
    if (namesOf(text).includes(name)) {
      const start = skipBlank(source, from);
      return new Edit(start, lastToken(source, start, end) + 1, '');
    }
    from = end + 1;
  }
  return new Edit(one.close, one.close, '');
}

function add(source: Bytes, edits: Edit[], imports: Import[], name: string, from: string): void {
  if (name == '' || from == '') return;
  for (let i = 0; i < imports.length; i++) {
    if (imports[i].from != from || imports[i].open < 0) continue;
    if (imports[i].names.includes(name)) return;
    const last = lastToken(source, imports[i].open, imports[i].close);
    const comma = last > imports[i].open && source.at(last) != 44;
    edits.push(new Edit(last + 1, last + 1, (comma ? ', ' : ' ') + name));
    return;
  }
  const at = imports.length > 0 ? imports[imports.length - 1].end : afterHead(source);
  const line = 'import { ' + name + ' } from ' + quoteOf(source) + from + quoteOf(source) + ';';
  const eol = lineEnd(source);
  const broken = at == 0 || source.at(at - 1) == 10 || at == 3;
  edits.push(new Edit(at, at, (broken ? '' : eol) + line + eol));
}

/** Only when the name stands nowhere but in the import and in the ranges that are rewritten away. */
function remove(source: Bytes, edits: Edit[], imports: Import[], name: string, from: string): void {
  for (let i = 0; i < imports.length; i++) {
    const one = imports[i];
    if (one.from != from || !one.names.includes(name)) continue;
    if (stillUsed(source, edits, one, name)) return;
    if (one.names.length == 1) {
      edits.push(new Edit(one.start, one.end, ''));
      return;
    }
    const at = specifier(source, one, name);
    const next = skipBlank(source, at.end);
    if (next < one.close && source.at(next) == 44 && skipBlank(source, next + 1) < one.close) {
      edits.push(new Edit(at.start, skipBlank(source, next + 1), ''));
      return;
    }
    let start = at.start; // the last one goes with the comma before it
    while (start > one.open + 1 && source.at(start - 1) != 44) start--;
    edits.push(new Edit(start - 1, at.end, ''));
    return;
  }
}

function stillUsed(source: Bytes, edits: Edit[], skip: Import, name: string): bool {
  for (let i = 0; i < edits.length; i++) {
    const text = Bytes.of(edits[i].text);
    if (findWord(text, name, 0, text.length) >= 0) return true;
  }
  let at = 0;
  while (true) {
    at = findWord(source, name, at, source.length);
    if (at < 0) return false;
    let replaced = at >= skip.start && at < skip.end;
    for (let i = 0; i < edits.length; i++) if (at >= edits[i].start && at < edits[i].end) replaced = true;
    if (!replaced) return true;
    at++;
  }
}

/** Imports at the head of the file, in the plain forms that people write; the first other statement ends the search. */
function readImports(source: Bytes): Import[] {
  const found: Import[] = [];
  let at = afterHead(source);
  while (true) {
    at = skipBlank(source, at);
    if (!startsWith(source, at, 'import')) return found;
    const next = at + 6 < source.length ? source.at(at + 6) : 0;
    if (next != 32 && next != 123 && next != 34 && next != 39 && next != 42) return found;
    let i = at + 6;
    let open = -1;
    let close = -1;
    while (i < source.length && source.at(i) != 34 && source.at(i) != 39) {
      const c = source.at(i);
      if (c == 40 || c == 59 || c == 61) return found; // import(...), or a form that is not understood
      if (c == 123) open = i;
      if (c == 125) close = i;
      i++;
    }
    if (i >= source.length) return found;
    const quote = source.at(i);
    const from = ++i;
    while (i < source.length && source.at(i) != quote && source.at(i) != 10) i++;
    const name = source.slice(from, i).text();
    while (i < source.length && source.at(i) != 10) i++;
    const one = new Import(at, min(i + 1, source.length), close < 0 ? -1 : open, close, name);
    if (one.open >= 0) one.names = namesOf(source.slice(one.open + 1, one.close).text());
    found.push(one);
    at = one.end;
  }
}

function namesOf(list: string): string[] {
  const names: string[] = [];
  const parts = list.split(',');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i].trim();
    const alias = part.indexOf(' as ');
    if (part != '') names.push(alias < 0 ? (part.startsWith('type ') ? part.substring(5) : part) : part.substring(alias + 4));
  }
  return names;
}

/** After byte order mark, `#!` line, leading comments and directives such as 'use strict'. */
function afterHead(source: Bytes): i32 {
  let at = source.length >= 3 && source.at(0) == 0xef && source.at(1) == 0xbb && source.at(2) == 0xbf ? 3 : 0;
  if (startsWith(source, at, '#!')) at = lineAfter(source, at);
  while (true) {
    const next = skipBlank(source, at);
    if (startsWith(source, next, '//')) at = lineAfter(source, next);
    else if (startsWith(source, next, '/*')) {
      at = next + 2;
      while (at < source.length && !startsWith(source, at, '*/')) at++;
      at = lineAfter(source, at);
    } else if (startsWith(source, next, '"use ') || startsWith(source, next, "'use ")) at = lineAfter(source, next);
    else return at;
  }
}

function skipBlank(source: Bytes, from: i32): i32 {
  let at = from;
  while (at < source.length && (source.at(at) == 32 || (source.at(at) >= 9 && source.at(at) <= 13))) at++;
  return at;
}

function lineAfter(source: Bytes, from: i32): i32 {
  let at = from;
  while (at < source.length && source.at(at) != 10) at++;
  return min(at + 1, source.length);
}

function lastToken(source: Bytes, open: i32, close: i32): i32 {
  let at = close - 1;
  while (at > open && (source.at(at) == 32 || (source.at(at) >= 9 && source.at(at) <= 13))) at--;
  return at;
}

function startsWith(source: Bytes, at: i32, text: string): bool {
  if (at + text.length > source.length) return false;
  for (let i = 0; i < text.length; i++) if (source.at(at + i) != text.charCodeAt(i)) return false;
  return true;
}

function findWord(source: Bytes, name: string, from: i32, end: i32): i32 {
  for (let at = from; at + name.length <= end; at++) {
    if (!startsWith(source, at, name)) continue;
    if ((at == 0 || !wordByte(source.at(at - 1))) && (at + name.length >= source.length || !wordByte(source.at(at + name.length)))) return at;
  }
  return -1;
}

function wordByte(c: u8): bool {
  return c == 95 || c == 36 || (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c >= 128;
}

function lineEnd(source: Bytes): string {
  for (let i = 0; i < source.length; i++) if (source.at(i) == 10) return i > 0 && source.at(i - 1) == 13 ? '\r\n' : '\n';
  return '\n';
}

function quoteOf(source: Bytes): string {
  let single = 0;
  let double = 0;
  for (let i = 0; i < source.length; i++) {
    if (source.at(i) == 39) single++;
    else if (source.at(i) == 34) double++;
  }
  return double > single ? '"' : "'";
}
