import { PluginError } from './errors.ts';
import type { Scaffold } from './ports.ts';

export const SCAFFOLD_LANGUAGES = ['assemblyscript', 'typescript', 'c', 'rust'] as const;
export type ScaffoldLanguage = (typeof SCAFFOLD_LANGUAGES)[number];

/** Files of a new plugin by path: a manifest, a source that counts words, an example input. `sdk` is the SDK's sources by path. */
export function scaffold(
  language: ScaffoldLanguage,
  name: string,
  publisher: string,
  sdk: ReadonlyMap<string, string>,
): Scaffold {
  if (!/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/.test(name))
    throw new PluginError('MANIFEST_INVALID', `${name} is not a dotted name such as acme.word-count`);
  return new Map([
    ['manifest.yaml', MANIFEST(name, publisher)],
    ['input.json', '{"text": "one two three"}\n'],
    ...SOURCES[language](sdk),
  ]);
}

const MANIFEST = (name: string, publisher: string): string => `id: ${name}@v1
version: 1.0.0
summary: Counts the words of its input
publisher: ${publisher}
license: Apache-2.0
capabilities:
  inputs: { text: string }
  outputs: { words: integer }
permissions: {}
limits: { fuel: 100000000, memory_bytes: 16777216, wall_ms: 2000 }
`;

type Files = readonly (readonly [string, string])[];

const SOURCES: { readonly [language in ScaffoldLanguage]: (sdk: ReadonlyMap<string, string>) => Files } = {
  assemblyscript: (sdk) => [
    ['assembly/index.ts', ASSEMBLYSCRIPT],
    ...[...sdk].flatMap(([file, text]) =>
      file.startsWith('assembly/') ? [[file.replace('assembly/', 'assembly/sdk/'), text] as const] : [],
    ),
  ],
  typescript: (sdk) => [
    ['src/plugin.ts', TYPESCRIPT],
    ['src/maestro.d.ts', sdk.get('typescript/maestro.d.ts') ?? ''],
  ],
  c: () => [['src/plugin.c', C]],
  rust: () => [['src/lib.rs', RUST]],
};

const ASSEMBLYSCRIPT = `import { answer, Bytes } from './sdk/host';
import { parseJson } from './sdk/json';
import { JsonWriter } from './sdk/writer';

export { alloc } from './sdk/host';

export function run(ptr: usize, length: i32): i64 {
  const input = parseJson(new Bytes(ptr, length));
  const text = input === null ? '' : input.textOf('text', '');
  let words = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const blank = text.charCodeAt(i) <= 32;
    if (!blank && !inside) words++;
    inside = !blank;
  }
  return answer(new JsonWriter().open('{').name('words').number(words).close('}').done());
}
`;

const TYPESCRIPT = `/** Gets its input as JSON, gives its answer as JSON; the host is \`maestro\`, see maestro.d.ts. */
export function run(input: { text: string }): { words: number } {
  return { words: input.text.split(/\\s+/).filter((word) => word !== '').length };
}
`;

const C = `// No library is needed: memory grows by hand, input is JSON with one string.
typedef unsigned char byte;
typedef unsigned int u32;
typedef unsigned long long u64;
#define EXPORT(name) __attribute__((export_name(name)))

extern byte __heap_base;
static byte *top = 0;

EXPORT("alloc") byte *alloc(u32 size) {
  if (!top) top = &__heap_base;
  byte *at = top;
  top += (size + 7) & ~7u;
  u32 have = __builtin_wasm_memory_size(0) * 65536u;
  if ((u32)top > have) __builtin_wasm_memory_grow(0, ((u32)top - have + 65535) / 65536);
  return at;
}

EXPORT("run") u64 run(byte *input, u32 length) {
  u32 at = 0, words = 0, inside = 0;
  while (at < length && input[at] != ':') at++;
  while (at < length && input[at] != '"') at++;
  for (at++; at < length && input[at] != '"'; at++) {
    u32 blank = input[at] <= ' ';
    if (!blank && !inside) words++;
    inside = !blank;
  }
  byte *out = alloc(32), *end = out;
  for (const char *head = "{\\"words\\":"; *head; head++) *end++ = *head;
  byte digits[10];
  u32 count = 0;
  do digits[count++] = '0' + words % 10; while (words /= 10);
  while (count) *end++ = digits[--count];
  *end++ = '}';
  return (u64)(u32)out << 32 | (u32)(end - out);
}
`;

const RUST = `// Only the standard library; input is JSON with one string.
use std::alloc::{alloc as reserve, Layout};

#[no_mangle]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    unsafe { reserve(Layout::from_size_align_unchecked(size.max(1), 8)) }
}

#[no_mangle]
pub extern "C" fn run(input: *const u8, length: usize) -> u64 {
    let bytes = unsafe { std::slice::from_raw_parts(input, length) };
    let text = std::str::from_utf8(bytes).unwrap_or("");
    let value = text.splitn(2, ':').nth(1).unwrap_or("").trim().trim_matches(|c| c == '}' || c == '"');
    let answer = format!("{{\\"words\\":{}}}", value.split_whitespace().count()).into_bytes();
    let packed = (answer.as_ptr() as u64) << 32 | answer.len() as u64;
    std::mem::forget(answer);
    packed
}
`;
