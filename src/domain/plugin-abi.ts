/**
 * The frozen interface between a plugin and its host, version 1. A module exports `memory`, `alloc(n) -> ptr` and
 * `run(ptr, len) -> i64` (pointer in the high 32 bits, length in the low 32), or it is a WASI command (`_start`) that
 * reads standard input and writes standard output. Every pointer and length is an unsigned i32.
 *
 * A host call that yields bytes returns their length and holds them until the next such call; the guest allocates and
 * calls `take`. A negative answer is a refusal (`REFUSED`), never a trap. A quota that is passed ends the instance.
 */
export const ABI_VERSION = 1;

/** What a plugin must be granted before it may import from a namespace; `always` needs no grant. */
export type AbiCapability = 'always' | 'fs_read' | 'regex' | 'ast' | 'log' | 'kv';

export interface AbiFunction {
  readonly capability: AbiCapability;
  /** Value types as in the text format. */
  readonly params: readonly ('i32' | 'i64')[];
  readonly result: 'i32' | 'i64' | null;
}

const i32s = (count: number): readonly 'i32'[] => Array.from({ length: count }, () => 'i32' as const);

/** The host gives each instance its memory under this name; a guest cannot ask for it, since it may import functions only. */
export const MEMORY_IMPORT = { module: 'maestro:instance', name: 'memory' } as const;

/** Namespace, then function. Nothing else can be imported, besides `wasi_snapshot_preview1`. */
export const ABI: ReadonlyMap<string, ReadonlyMap<string, AbiFunction>> = new Map([
  [
    'maestro:host@1',
    new Map<string, AbiFunction>([
      // take(ptr, cap): copies the held bytes; -6 when they do not fit.
      ['take', { capability: 'always', params: i32s(2), result: 'i32' }],
      // now(): virtual milliseconds, one more with each call. random(): seeded.
      ['now', { capability: 'always', params: [], result: 'i64' }],
      ['random', { capability: 'always', params: [], result: 'i64' }],
    ]),
  ],
  [
    'maestro:fs@1',
    new Map<string, AbiFunction>([
      // read(path, len): holds the file's bytes.
      ['read', { capability: 'fs_read', params: i32s(2), result: 'i32' }],
      // list(glob, len): holds the granted paths that match, sorted, one per line.
      ['list', { capability: 'fs_read', params: i32s(2), result: 'i32' }],
    ]),
  ],
  [
    'maestro:text@1',
    new Map<string, AbiFunction>([
      // find(pattern, len, text, len, flags, max): holds pairs of u32 byte offsets. Flags: 1 ignore case, 2 multi-line, 4 dot matches all.
      ['find', { capability: 'regex', params: i32s(6), result: 'i32' }],
    ]),
  ],
  [
    'maestro:ast@1',
    new Map<string, AbiFunction>([
      // find(language, len, source, len, pattern, len): holds JSON [{start, end, vars: {NAME: {start, end}}}], byte offsets.
      ['find', { capability: 'ast', params: i32s(6), result: 'i32' }],
      // rewrite(language, len, source, len, pattern, len, replacement, len): holds JSON [{start, end, text}].
      ['rewrite', { capability: 'ast', params: i32s(8), result: 'i32' }],
    ]),
  ],
  ['maestro:log@1', new Map<string, AbiFunction>([['write', { capability: 'log', params: i32s(3), result: null }]])],
  [
    'maestro:kv@1',
    new Map<string, AbiFunction>([
      ['get', { capability: 'kv', params: i32s(2), result: 'i32' }],
      ['set', { capability: 'kv', params: i32s(4), result: 'i32' }],
    ]),
  ],
]);

/** Answers of a host call that was refused; the reason code stands in the report of the call. */
export const REFUSED = Object.freeze({
  scope: -1,
  absent: -2,
  type: -3,
  symlink: -4,
  invalid: -5,
  tooSmall: -6,
});

/** Where the host keeps the fuel that is left; a guest module that exports the name itself is refused. */
export const FUEL_EXPORT = '__fuel';
