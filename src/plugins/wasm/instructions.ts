import { type ByteReader, FeatureRefused, MalformedModule } from './byte-reader.ts';

export const OP = Object.freeze({
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  memoryGrow: 0x40,
  prefixFc: 0xfc,
});

/** Instructions whose work grows with the number on top of the stack, by their code after 0xFC, and the shift that turns it into fuel. */
const BULK_SHIFT: ReadonlyMap<number, { readonly right: number } | { readonly left: number }> = new Map([
  [8, { right: 3 }], // memory.init
  [10, { right: 3 }], // memory.copy
  [11, { right: 3 }], // memory.fill
  [12, { left: 0 }], // table.init
  [14, { left: 0 }], // table.copy
  [15, { left: 0 }], // table.grow
  [17, { left: 0 }], // table.fill
]);

export interface Instruction {
  readonly op: number;
  /** Set when the cost depends on the number on top of the stack: a shift that makes fuel of it. */
  readonly bulk: { readonly right: number } | { readonly left: number } | null;
}

const PLAIN: Instruction[] = Array.from({ length: 256 }, (_, op) => ({ op, bulk: null }));
const MEMORY_GROW: Instruction = { op: OP.memoryGrow, bulk: { left: 13 } }; // 65 536 bytes a page, eight bytes a unit
const BULK: ReadonlyMap<number, Instruction> = new Map(
  [...BULK_SHIFT].map(([code, bulk]) => [code, { op: OP.prefixFc, bulk }]),
);

/** Steps over one instruction. Throws FeatureRefused for everything outside the allow-list. */
export function readInstruction(reader: ByteReader): Instruction {
  const op = reader.u8();
  if (op === OP.prefixFc) return readPrefixed(reader);
  skipImmediates(reader, op);
  if (op === OP.memoryGrow) return MEMORY_GROW;
  // The cast is true: op is a byte and the table has 256 rows.
  return PLAIN[op] as Instruction;
}

function readPrefixed(reader: ByteReader): Instruction {
  const code = reader.u32();
  const immediates = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1][code];
  if (immediates === undefined) throw new FeatureRefused(`instruction 0xfc ${code}`);
  for (let i = 0; i < immediates; i++) reader.u32();
  // The cast is true: 0xfc is an index below 256.
  return BULK.get(code) ?? (PLAIN[OP.prefixFc] as Instruction);
}

/** What follows an opcode: i index, b block type, t jump table, v types, m memory index, 3 and 6 constants, 4 and 8 bytes, r heap type. */
const IMMEDIATES: ReadonlyMap<number, string> = new Map([
  ...[0x00, 0x01, OP.else, OP.end, OP.return, 0x1a, 0x1b, 0xd1].map((op) => [op, ''] as const),
  ...[OP.block, OP.loop, OP.if].map((op) => [op, 'b'] as const),
  // br, br_if, call, local.get/set/tee, global.get/set, table.get/set, ref.func
  ...[OP.br, OP.brIf, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0xd2].map((op) => [op, 'i'] as const),
  [0x11, 'ii'], // call_indirect
  [OP.brTable, 't'],
  [0x1c, 'v'], // select with types
  [0x3f, 'm'], // memory.size
  [OP.memoryGrow, 'm'],
  [0x41, '3'],
  [0x42, '6'],
  [0x43, '4'],
  [0x44, '8'],
  [0xd0, 'r'], // ref.null
]);

function skipImmediates(reader: ByteReader, op: number): void {
  if (op >= 0x45 && op <= 0xc4) return; // comparisons, arithmetic, conversions, sign extension
  if (op >= 0x28 && op <= 0x3e) {
    if ((reader.u32() & 0x40) !== 0) throw new FeatureRefused('multi-memory');
    reader.skipLeb(5);
    return;
  }
  const immediates = IMMEDIATES.get(op);
  if (immediates === undefined) throw new FeatureRefused(featureOf(op));
  for (const kind of immediates) skipImmediate(reader, kind);
}

function skipImmediate(reader: ByteReader, kind: string): void {
  if (kind === 'b') skipBlockType(reader);
  else if (kind === 't') for (let left = reader.u32() + 1; left > 0; left--) reader.skipLeb(5);
  else if (kind === 'v') for (let left = reader.u32(); left > 0; left--) valueType(reader.u8());
  else if (kind === 'm') refuseUnless(reader.u8() === 0, 'multi-memory');
  else if (kind === 'r') refuseUnless(reader.u8() === 0x70, 'reference types other than funcref');
  else if (kind === '4' || kind === '8') reader.skip(Number(kind));
  else reader.skipLeb(kind === '6' ? 10 : 5);
}

function refuseUnless(allowed: boolean, feature: string): void {
  if (!allowed) throw new FeatureRefused(feature);
}

function featureOf(op: number): string {
  if ((op >= 0x06 && op <= 0x0a) || op === 0x18 || op === 0x19 || op === 0x1f) return 'exception-handling';
  if (op === 0x12 || op === 0x13) return 'tail-call';
  if (op === 0x14 || op === 0x15 || op >= 0xd3) {
    if (op === 0xfd) return 'simd';
    if (op === 0xfe) return 'threads';
    return 'gc';
  }
  return `instruction 0x${op.toString(16)}`;
}

function skipBlockType(reader: ByteReader): void {
  const byte = reader.bytes[reader.pos];
  if (byte === 0x40) reader.skip(1);
  else if (byte !== undefined && byte >= 0x40 && byte < 0x80) valueType(reader.u8());
  else reader.skipLeb(5);
}

/** Accepts i32, i64, f32, f64 and funcref; throws FeatureRefused for all other types. */
export function valueType(byte: number): number {
  if ((byte >= 0x7c && byte <= 0x7f) || byte === 0x70) return byte;
  if (byte === 0x7b) throw new FeatureRefused('simd');
  if (byte === 0x6f) throw new FeatureRefused('reference types other than funcref');
  if (byte > 0x5f && byte < 0x80) throw new FeatureRefused('gc');
  throw new MalformedModule(`no value type 0x${byte.toString(16)}`);
}
