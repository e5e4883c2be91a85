import { ByteReader, FeatureRefused, MalformedModule } from './byte-reader.ts';
import { valueType } from './instructions.ts';

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Size now and at most; `max` is null when the module sets none. */
export interface SizeLimits {
  readonly min: number;
  readonly max: number | null;
}

interface WasmImport {
  readonly module: string;
  readonly name: string;
  /** Index into the types; null for everything that is not a function. */
  readonly type: number | null;
}

interface WasmExport {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
}

/** A module taken apart just far enough to judge it and to put it together again. */
export interface WasmModule {
  /** Bodies of all known sections by id, byte for byte. */
  readonly sections: ReadonlyMap<number, Uint8Array>;
  readonly types: readonly FunctionType[];
  readonly imports: readonly WasmImport[];
  /** Type index of each function that is defined here. */
  readonly functions: readonly number[];
  readonly tables: readonly SizeLimits[];
  readonly memories: readonly SizeLimits[];
  readonly globals: number;
  readonly exports: readonly WasmExport[];
  readonly hasStart: boolean;
  readonly codes: readonly Uint8Array[];
  /** Function names of the name section, by function index. */
  readonly names: ReadonlyMap<number, string>;
}

export const SECTION = Object.freeze({
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
});

/** Counts that no plugin needs more of. */
const MOST = Object.freeze({
  types: 10_000,
  imports: 200,
  functions: 20_000,
  exports: 1_000,
  globals: 5_000,
  items: 20_000,
});
const KINDS = ['function', 'table', 'memory', 'global'] as const;

/** Takes a module apart. Throws MalformedModule, or FeatureRefused for what is not on the list of allowed features. */
export function readModule(bytes: Uint8Array): WasmModule {
  const { sections, names } = readSections(bytes);
  const reader = (id: number): ByteReader => new ByteReader(sections.get(id) ?? Uint8Array.of(0));
  const type = reader(SECTION.type);
  const imported = reader(SECTION.import);
  const defined = reader(SECTION.function);
  const table = reader(SECTION.table);
  const memory = reader(SECTION.memory);
  const exported = reader(SECTION.export);
  const code = reader(SECTION.code);
  const globals = reader(SECTION.global).u32();
  if (globals > MOST.globals) throw new FeatureRefused(`more than ${MOST.globals} globals`);
  for (const id of [SECTION.element, SECTION.data]) {
    if (reader(id).u32() > MOST.items) throw new FeatureRefused(`more than ${MOST.items} segments`);
  }
  return {
    sections,
    names,
    types: type.vector(MOST.types, 'types', () => readType(type)),
    imports: imported.vector(MOST.imports, 'imports', () => readImport(imported)),
    functions: defined.vector(MOST.functions, 'functions', () => defined.u32()),
    tables: table.vector(8, 'tables', () => readTable(table)),
    memories: memory.vector(8, 'memories', () => readLimits(memory)),
    globals,
    exports: exported.vector(MOST.exports, 'exports', () => readExport(exported)),
    hasStart: sections.has(SECTION.start),
    codes: code.vector(MOST.functions, 'functions', () => code.take(code.u32())),
  };
}

function readSections(bytes: Uint8Array): { sections: Map<number, Uint8Array>; names: Map<number, string> } {
  const reader = new ByteReader(bytes);
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (head.some((byte) => reader.u8() !== byte)) throw new MalformedModule('not a core module of version 1');
  const sections = new Map<number, Uint8Array>();
  let names = new Map<number, string>();
  while (!reader.done) {
    const id = reader.u8();
    const body = reader.take(reader.u32());
    if (id === SECTION.custom) names = readNames(body, names);
    else if (id > SECTION.dataCount) throw new FeatureRefused(id === 13 ? 'exception-handling' : `section ${id}`);
    else if (sections.has(id)) throw new MalformedModule(`section ${id} twice`);
    else sections.set(id, body);
  }
  return { sections, names };
}

/** The name section is advice only: whatever is wrong with it leaves the names found so far. */
function readNames(body: Uint8Array, known: Map<number, string>): Map<number, string> {
  const names = new Map(known);
  try {
    const reader = new ByteReader(body);
    if (reader.name() !== 'name') return known;
    while (!reader.done) {
      const kind = reader.u8();
      const part = new ByteReader(reader.take(reader.u32()));
      if (kind === 1) part.vector(MOST.functions, 'names', () => names.set(part.u32(), part.name()));
    }
  } catch {
    return names;
  }
  return names;
}

function readType(reader: ByteReader): FunctionType {
  if (reader.u8() !== 0x60) throw new FeatureRefused('gc');
  const types = (): number[] => reader.vector(200, 'parameters', () => valueType(reader.u8()));
  return { params: types(), results: types() };
}

function readImport(reader: ByteReader): WasmImport {
  const module = reader.name();
  const name = reader.name();
  const kind = reader.u8();
  if (kind === 0) return { module, name, type: reader.u32() };
  if (kind === 1) readTable(reader);
  else if (kind === 2) readLimits(reader);
  else if (kind === 3) reader.skip(2);
  else throw new FeatureRefused(kind === 4 ? 'exception-handling' : `import kind ${kind}`);
  return { module, name, type: null };
}

function readTable(reader: ByteReader): SizeLimits {
  const element = reader.u8();
  if (element !== 0x70) throw new FeatureRefused(element === 0x6f ? 'reference types other than funcref' : 'gc');
  return readLimits(reader);
}

function readLimits(reader: ByteReader): SizeLimits {
  const flags = reader.u8();
  if ((flags & 0x02) !== 0) throw new FeatureRefused('threads');
  if ((flags & 0x04) !== 0) throw new FeatureRefused('memory64');
  if (flags > 1) throw new FeatureRefused(`limits 0x${flags.toString(16)}`);
  return { min: reader.u32(), max: flags === 1 ? reader.u32() : null };
}

function readExport(reader: ByteReader): WasmExport {
  const name = reader.name();
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new FeatureRefused('exception-handling');
  return { name, kind, index: reader.u32() };
}
