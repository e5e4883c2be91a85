// The interface of the host, version 1, for AssemblyScript: TypeScript, as editors read it, knows no decorators of functions, hence `@ts-ignore`.

// @ts-ignore: decorator of AssemblyScript
@external("maestro:host@1", "take")
declare function hostTake(ptr: usize, cap: i32): i32;
// @ts-ignore: decorator of AssemblyScript
@external("maestro:fs@1", "read")
declare function fsRead(ptr: usize, len: i32): i32;
// @ts-ignore: decorator of AssemblyScript
@external("maestro:fs@1", "list")
declare function fsList(ptr: usize, len: i32): i32;
// @ts-ignore: decorator of AssemblyScript
@external("maestro:text@1", "find")
declare function textFind(p: usize, pl: i32, t: usize, tl: i32, flags: i32, max: i32): i32;
// @ts-ignore: decorator of AssemblyScript
@external("maestro:ast@1", "find")
declare function treeFind(l: usize, ll: i32, s: usize, sl: i32, p: usize, pl: i32): i32;
// @ts-ignore: decorator of AssemblyScript
@external("maestro:ast@1", "rewrite")
declare function treeRewrite(l: usize, ll: i32, s: usize, sl: i32, p: usize, pl: i32, r: usize, rl: i32): i32;

/** Bytes somewhere in memory. */
export class Bytes {
  constructor(
    public ptr: usize,
    public length: i32,
  ) {}

  @inline at(i: i32): u8 {
    return load<u8>(this.ptr + i);
  }

  slice(start: i32, end: i32): Bytes {
    return new Bytes(this.ptr + start, end - start);
  }

  text(): string {
    return String.UTF8.decodeUnsafe(this.ptr, this.length);
  }

  static of(text: string): Bytes {
    const buffer = String.UTF8.encode(text);
    return new Bytes(changetype<usize>(buffer), buffer.byteLength);
  }
}

/** What the host held after its last answer; `null` for a negative one. */
function taken(length: i32): Bytes | null {
  if (length < 0) return null;
  const ptr = heap.alloc(<usize>length);
  hostTake(ptr, length);
  return new Bytes(ptr, length);
}

/** A granted file; null when the host refuses. */
export function readFile(path: string): Bytes | null {
  const name = Bytes.of(path);
  return taken(fsRead(name.ptr, name.length));
}

/** One buffer used again for each file: for plugins that look at many and keep none. */
export class FileReader {
  private ptr: usize = 0;
  private capacity: i32 = 0;

  read(path: Bytes): Bytes | null {
    const length = fsRead(path.ptr, path.length);
    if (length < 0) return null;
    if (length > this.capacity) {
      this.capacity = length * 2;
      this.ptr = heap.alloc(<usize>this.capacity);
    }
    hostTake(this.ptr, length);
    return new Bytes(this.ptr, length);
  }
}

/** Granted paths that match the glob, sorted. */
export function listFiles(glob: string): Bytes[] {
  const pattern = Bytes.of(glob);
  const lines = taken(fsList(pattern.ptr, pattern.length));
  const paths: Bytes[] = [];
  if (lines === null) return paths;
  let start = 0;
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && lines.at(i) != 10) continue;
    if (i > start) paths.push(lines.slice(start, i));
    start = i + 1;
  }
  return paths;
}

export const IGNORE_CASE: i32 = 1;
export const MULTI_LINE: i32 = 2;

/** Start and end of each match, one after the other; null when the pattern is not accepted. */
export function findText(pattern: Bytes, text: Bytes, flags: i32, max: i32): Uint32Array | null {
  const found = taken(textFind(pattern.ptr, pattern.length, text.ptr, text.length, flags, max));
  if (found === null) return null;
  const pairs = new Uint32Array(found.length >> 2);
  for (let i = 0; i < pairs.length; i++) pairs[i] = load<u32>(found.ptr + (<usize>i << 2));
  return pairs;
}

/** JSON of the matches; null when language, source or pattern is not accepted. */
export function findTree(language: string, source: Bytes, pattern: string): Bytes | null {
  const l = Bytes.of(language);
  const p = Bytes.of(pattern);
  return taken(treeFind(l.ptr, l.length, source.ptr, source.length, p.ptr, p.length));
}

/** JSON of the edits; null when language, source or pattern is not accepted. */
export function rewriteTree(language: string, source: Bytes, pattern: string, replacement: string): Bytes | null {
  const l = Bytes.of(language);
  const p = Bytes.of(pattern);
  const r = Bytes.of(replacement);
  return taken(treeRewrite(l.ptr, l.length, source.ptr, source.length, p.ptr, p.length, r.ptr, r.length));
}

/** Language of a path by its ending, as the host names it; empty when the host has none. */
export function languageOf(path: string): string {
  if (path.endsWith('.tsx')) return 'tsx';
  if (path.endsWith('.ts') || path.endsWith('.mts') || path.endsWith('.cts')) return 'ts';
  if (path.endsWith('.js') || path.endsWith('.mjs') || path.endsWith('.cjs') || path.endsWith('.jsx')) return 'js';
  if (path.endsWith('.html')) return 'html';
  if (path.endsWith('.css')) return 'css';
  return '';
}

/** What `run` gives back: pointer and length in one number. */
export function answer(text: Bytes): i64 {
  return (<i64>text.ptr << 32) | <i64>text.length;
}

/** Called by the host for the input. */
export function alloc(size: i32): usize {
  return heap.alloc(<usize>max(size, 1));
}

/** In place of the runtime's own, which would need an import. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}
