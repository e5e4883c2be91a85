import { expect, test } from 'vitest';
import { MEMORY_IMPORT } from '#domain/plugin-abi.ts';
import { admitted, ALL, ECHO, LIMITS, NONE, reactor, wat } from '../../test/plugins/wat.ts';
import { admit } from './admit.ts';
import type { AdmittedModule } from './ports.ts';

async function reasonsOf(source: string, permissions = ALL, limits = LIMITS): Promise<string[]> {
  const admission = admit({ bytes: await wat(source), permissions, limits });
  return admission.ok ? [] : admission.reasons.map(({ code }) => code);
}

/** An instance of an instrumented module, right here. */
function exportsOf({ bytes, memory: { initial, maximum } }: AdmittedModule) {
  const given = { [MEMORY_IMPORT.name]: new WebAssembly.Memory({ initial, maximum }) };
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { [MEMORY_IMPORT.module]: given }).exports;
}

/** Runs a module and gives the fuel that was used. */
function fuelOf(module: AdmittedModule, size: number): number {
  const exports = exportsOf(module);
  const fuel = exports['__fuel'] as WebAssembly.Global;
  fuel.value = 1_000_000_000n;
  (exports['run'] as (at: number, n: number) => bigint)(0, size);
  return 1_000_000_000 - Number(fuel.value);
}

test('a plain module is admitted with both digests', async () => {
  const module = admitted(await wat(ECHO));

  expect(module.kind).toBe('abi-1');
  expect(module.digest).not.toBe(module.instrumentedDigest);
});

test('fuel grows with the turns of a loop and with the bytes of bulk work', async () => {
  const loop = admitted(
    await wat(
      reactor(
        `(loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n))) (i64.const 0)`,
      ),
    ),
  );
  const bulk = admitted(await wat(reactor(`(memory.fill (i32.const 0) (i32.const 1) (local.get $n)) (i64.const 0)`)));

  expect(fuelOf(loop, 2000) - fuelOf(loop, 1000)).toBe(1000 * (7 + 4));
  expect(fuelOf(bulk, 16_000) - fuelOf(bulk, 8000)).toBe(1000);
});

test('what a module asks for must be granted, known and of the right type', async () => {
  const imports = (line: string): string => reactor('(i64.const 0)', line);

  expect(await reasonsOf(imports('(import "maestro:fs@1" "read" (func (param i32 i32) (result i32)))'), NONE)).toEqual([
    'LINK_DENY',
  ]);
  expect(await reasonsOf(imports('(import "maestro:fs@1" "read" (func (param i64 i32) (result i32)))'))).toEqual([
    'LINK_DENY',
  ]);
  expect(await reasonsOf(imports('(import "env" "constructor" (func))'))).toEqual(['LINK_DENY']);
  expect(await reasonsOf(imports('(import "maestro:fs@1" "read" (func (param i32 i32) (result i32)))'))).toEqual([]);
});

test('memory begins with room to spare, within what the module itself and the limit allow', async () => {
  const sizeOf = async (memory: string, memory_bytes = LIMITS.memory_bytes): Promise<unknown> =>
    admitted(await wat(reactor('(i64.const 0)', '', `(memory (export "memory") ${memory})`)), ALL, {
      ...LIMITS,
      memory_bytes,
    }).memory;

  expect(await sizeOf('2')).toEqual({ initial: 34, maximum: 1024 });
  expect(await sizeOf('2 5')).toEqual({ initial: 5, maximum: 5 });
  expect(await sizeOf('2 2')).toEqual({ initial: 2, maximum: 2 });
  expect(await sizeOf('2', 8 * 65_536)).toEqual({ initial: 8, maximum: 8 });
});

test('features outside the list are refused by name', async () => {
  const features: [string, string][] = [
    ['(func (drop (v128.const i32x4 0 0 0 0)))', 'simd'],
    ['(func $s) (start $s)', 'start function'],
    ['(tag $e) (func (throw $e))', 'exception-handling'],
    ['(func $t (return_call $t))', 'tail-call'],
  ];
  for (const [line, feature] of features) {
    const admission = admit({ bytes: await wat(reactor('(i64.const 0)', line)), permissions: ALL, limits: LIMITS });
    expect(admission.ok ? '' : admission.reasons[0]?.msg).toContain(feature);
  }
});

test('memory is capped at the limit and a module that starts above it is refused', async () => {
  const small = { ...LIMITS, memory_bytes: 65_536 * 3 };
  const grow = reactor('(i64.extend_i32_s (memory.grow (i32.const 2)))');
  const module = admitted(await wat(grow), ALL, small);
  const exports = exportsOf(module);
  (exports['__fuel'] as WebAssembly.Global).value = 1_000_000n;

  expect((exports['run'] as (at: number, n: number) => bigint)(0, 0)).toBe(-1n);
  expect(await reasonsOf(reactor('(i64.const 0)', '', '(memory (export "memory") 4)'), ALL, small)).toEqual([
    'WASM_LIMIT',
  ]);
});
