import { FUEL_EXPORT, MEMORY_IMPORT } from '#domain/plugin-abi.ts';
import type { GuestMemorySize } from '../ports.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { meterFunction } from './meter-function.ts';
import { SECTION, type SizeLimits, type WasmModule } from './module.ts';

export interface Caps {
  readonly memoryPages: number;
  readonly tableElements: number;
  readonly profile: boolean;
}

/** In the order in which a module must have them; the memory is imported. */
const ORDER = [1, 2, 3, 4, 6, 7, 9, 12, 10, 11];

/** Pages that a memory begins with beyond what the module asks for: an allocator that has room need not grow it. */
const HEADROOM = 32;

/** The memory that each instance of a module is given. */
export function memorySizeOf({ memories: [memory] }: WasmModule, capPages: number): GuestMemorySize {
  const min = memory?.min ?? 0;
  const maximum = Math.min(memory?.max ?? capPages, capPages);
  return { initial: Math.max(min, Math.min(min + HEADROOM, maximum)), maximum };
}

/**
 * Puts a validated module together again with a fuel counter (exported, starting at zero, so nothing runs before the host
 * has filled it), with table maxima and a memory that the host gives, without start function and custom sections. New globals come last, so no
 * index of the guest changes meaning; this is why the original bytes must have been validated before.
 */
export function instrument(module: WasmModule, caps: Caps): Uint8Array {
  const rewritten = new Map(module.sections);
  const fuel = module.globals;
  rewritten.set(SECTION.global, withGlobals(module, caps.profile ? 1 + module.codes.length : 1));
  rewritten.set(SECTION.export, withExports(module, fuel, caps.profile));
  rewritten.set(SECTION.code, meteredCode(module, fuel, caps.profile));
  if (module.memories.length > 0) rewritten.set(SECTION.import, withMemory(module, caps.memoryPages));
  if (module.tables.length > 0) rewritten.set(SECTION.table, capped(module.tables, caps.tableElements, [0x70]));
  const out = new ByteWriter(1 << 16).raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (const id of ORDER) {
    const body = rewritten.get(id);
    if (body !== undefined) out.u8(id).sized(body);
  }
  return out.done();
}

/** Functions have numbers of their own, so an import of another kind moves none of them. */
function withMemory(module: WasmModule, capPages: number): Uint8Array {
  const { initial, maximum } = memorySizeOf(module, capPages);
  const out = new ByteWriter().u32(module.imports.length + 1).raw(items(module, SECTION.import));
  return out.name(MEMORY_IMPORT.module).name(MEMORY_IMPORT.name).raw([2, 1]).u32(initial).u32(maximum).done();
}

function withGlobals(module: WasmModule, more: number): Uint8Array {
  const out = new ByteWriter().u32(module.globals + more).raw(items(module, SECTION.global));
  for (let i = 0; i < more; i++) out.raw([0x7e, 0x01, 0x42, 0x00, 0x0b]); // mutable i64 = 0
  return out.done();
}

function withExports(module: WasmModule, fuel: number, profile: boolean): Uint8Array {
  const counters = profile ? module.codes.length : 0;
  const out = new ByteWriter().u32(module.exports.length + 1 + counters).raw(items(module, SECTION.export));
  out.name(FUEL_EXPORT).u8(3).u32(fuel);
  for (let i = 0; i < counters; i++)
    out
      .name(`${FUEL_EXPORT}:${i}`)
      .u8(3)
      .u32(fuel + 1 + i);
  return out.done();
}

function meteredCode(module: WasmModule, fuel: number, profile: boolean): Uint8Array {
  const out = new ByteWriter(1 << 16).u32(module.codes.length);
  for (const [index, code] of module.codes.entries()) {
    const type = module.types[module.functions[index] ?? -1];
    out.sized(
      meterFunction(code, { fuel, profile: profile ? fuel + 1 + index : null, parameters: type?.params.length ?? 0 }),
    );
  }
  return out.done();
}

function capped(sizes: readonly SizeLimits[], cap: number, head: readonly number[]): Uint8Array {
  const out = new ByteWriter().u32(sizes.length);
  for (const { min, max } of sizes)
    out
      .raw(head)
      .u8(1)
      .u32(min)
      .u32(Math.min(max ?? cap, cap));
  return out.done();
}

/** A vector section without its count. */
function items(module: WasmModule, id: number): Uint8Array {
  const body = module.sections.get(id);
  if (body === undefined) return new Uint8Array();
  const reader = new ByteReader(body);
  reader.u32();
  return body.subarray(reader.pos);
}
