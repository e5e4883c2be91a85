import { createHash } from 'node:crypto';
import wabt from 'wabt';
import { admit, type Admission } from '#plugins/admit.ts';
import type { AdmittedModule, Limits, Permissions } from '#plugins/ports.ts';

const TOOL = wabt();

/** Text format to bytes; features beyond the allow-list are on, so that attacks can be built. */
export async function wat(source: string): Promise<Uint8Array> {
  const tool = await TOOL;
  const features = {
    multi_memory: true,
    exceptions: true,
    threads: true,
    simd: true,
    memory64: true,
    reference_types: true,
    bulk_memory: true,
    tail_call: true,
    gc: true,
  };
  const module = tool.parseWat(
    `${createHash('sha256').update(source).digest('hex').slice(0, 8)}.wat`,
    source,
    features,
  );
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

export const ALL: Permissions = { fs_read: ['**'], fs_edit: [], regex: true, ast: true, log: true, kv: true };
export const NONE: Permissions = { fs_read: [], fs_edit: [], regex: false, ast: false, log: false, kv: false };
export const LIMITS: Limits = {
  fuel: 100_000_000,
  memory_bytes: 64 * 1024 * 1024,
  wall_ms: 2000,
  host_calls: 10_000,
  read_bytes: 64 * 1024 * 1024,
  output_bytes: 4 * 1024 * 1024,
};

/** Admits or fails the test with the reasons. */
export function admitted(bytes: Uint8Array, permissions: Permissions = ALL, limits: Limits = LIMITS): AdmittedModule {
  const admission: Admission = admit({ bytes, permissions, limits });
  if (!admission.ok) throw new Error(JSON.stringify(admission.reasons));
  return admission.module;
}

/** A module whose `run` is given; `alloc` hands out memory from 64 KiB on. */
export function reactor(run: string, more = '', memory = '(memory (export "memory") 2)'): string {
  return `(module ${more} ${memory}
    (global $top (mut i32) (i32.const 65536))
    (func $alloc (export "alloc") (param $n i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (global.get $top) (local.get $n)))
      (block $done (loop $more
        (br_if $done (i32.ge_u (i32.mul (memory.size) (i32.const 65536)) (global.get $top)))
        (br_if $done (i32.eq (memory.grow (i32.const 16)) (i32.const -1)))
        (br $more)))
      (local.get $at))
    (func $pack (param $at i32) (param $n i32) (result i64)
      (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $n))))
    (func $run (export "run") (param $at i32) (param $n i32) (result i64) ${run}))`;
}

export const ECHO = reactor('(call $pack (local.get $at) (local.get $n))');
