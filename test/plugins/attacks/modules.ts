import { FeatureRefused } from '#plugins/wasm/byte-reader.ts';
import { instrument } from '#plugins/wasm/instrument.ts';
import { readModule } from '#plugins/wasm/module.ts';
import { reactor, wat } from '../wat.ts';
import { type Attack, hangs, type Lab, naiveLoad, READ_IMPORTS } from './lab.ts';
import { chance, glueRuns, keepsEveryLine, letsThrough, oneScratchForAll, staysBusy, waitsForEver } from './naive.ts';

const ZERO = '(i64.const 0)';
const importing = (line: string): string => reactor(ZERO, line);
const SPIN = `(loop $l (br $l)) ${ZERO}`;

/** Row 10: what a module asks to be linked with. */
const LINKS: readonly (readonly [string, string])[] = [
  ['undeclared', '(import "env" "readFile" (func))'],
  ['constructor.assign', '(import "constructor" "assign" (func (param i32)))'],
  ['__proto__.hasOwnProperty', '(import "__proto__" "hasOwnProperty" (func))'],
  ['toString of a namespace', '(import "maestro:fs@1" "toString" (func))'],
  ['constructor of a namespace', '(import "maestro:host@1" "constructor" (func))'],
  ['wrong signature', '(import "maestro:fs@1" "read" (func (param i64) (result i32)))'],
  ['a foreign memory', '(import "maestro:host@1" "memory" (memory 1))'],
  ['a WASI function with another signature', '(import "wasi_snapshot_preview1" "fd_read" (func (param i64)))'],
];

/** Names that every plain object answers. */
const INHERITED = new Set([
  'constructor.assign',
  '__proto__.hasOwnProperty',
  'toString of a namespace',
  'constructor of a namespace',
]);
const PLAIN = { env: {}, 'maestro:fs@1': {}, 'maestro:host@1': {} };

/** Row 11: features and exports, each with the code that it is refused with. */
const SHAPES: readonly (readonly [string, string, string])[] = [
  ['start function', 'WASM_FEATURE', reactor(ZERO, '(func $s) (start $s)')],
  ['no exports', 'ABI_EXPORT', '(module (memory 1))'],
  ['memory is a function', 'ABI_EXPORT', reactor(ZERO, '(func (export "memory"))', '(memory 1)')],
  ['exports __fuel', 'ABI_EXPORT', reactor(ZERO, '(global (export "__fuel") (mut i64) (i64.const 9))')],
  [
    'run is not a function of the interface',
    'ABI_EXPORT',
    '(module (memory (export "memory") 1) (func (export "run")))',
  ],
  ['two memories', 'ABI_EXPORT', reactor(ZERO, '(memory 1)')],
  ['shared memory', 'WASM_FEATURE', reactor(ZERO, '', '(memory (export "memory") 1 2 shared)')],
  ['64-bit memory', 'WASM_FEATURE', '(module (memory (export "memory") i64 1))'],
  ['SIMD', 'WASM_FEATURE', reactor(ZERO, '(func (drop (v128.const i32x4 0 0 0 0)))')],
  ['atomics', 'WASM_FEATURE', reactor(ZERO, '(func (drop (i32.atomic.load (i32.const 0))))')],
  ['tail call', 'WASM_FEATURE', reactor(ZERO, '(func $t (return_call $t))')],
  ['external references', 'WASM_FEATURE', reactor(ZERO, '(table 1 externref)')],
  ['exceptions', 'WASM_FEATURE', reactor(ZERO, '(tag $e) (func (throw $e))')],
];

/** Shapes that the engine itself has nothing against. */
const ENGINE_TAKES = new Set([
  'memory is a function',
  'exports __fuel',
  'run is not a function of the interface',
  'shared memory',
  '64-bit memory',
  'SIMD',
  'external references',
  'atomics',
  'tail call',
  'exceptions',
]);
const loads = (source: string): Promise<boolean> => naiveLoad(source).then(() => true);

const CATCH = (quota: string): string =>
  reactor(
    `(try (do (loop $l (call ${quota}) (br $l))) (catch_all)) (i64.const 42)`,
    `(import "env" "call" (func ${quota}))`,
  );

export const MODULE_ATTACKS: readonly Attack[] = [
  ...LINKS.map(([name, line]) => ({
    row: 10,
    name,
    ...(INHERITED.has(name) ? { naive: () => naiveLoad(importing(line), PLAIN).then(() => true) } : {}),
    attack: (lab: Lab) => lab.run(importing(line)),
    expect: 'LINK_DENY',
  })),
  {
    row: 10,
    name: 'declared by the interface but not granted',
    attack: (lab) => lab.run(importing(READ_IMPORTS), { permissions: { fs_read: [], log: false, kv: false } }),
    expect: 'LINK_DENY',
  },
  ...SHAPES.map(([name, code, source]) => ({
    row: 11,
    name,
    ...(name === 'start function'
      ? { naive: naiveStart }
      : ENGINE_TAKES.has(name)
        ? { naive: () => loads(source) }
        : {}),
    attack: (lab: Lab) => lab.run(source),
    expect: code,
  })),
  {
    row: 5,
    name: 'memory to 4 GiB',
    naive: async () => {
      const guest = await naiveLoad(reactor('(i64.extend_i32_s (memory.grow (i32.const 20000)))'));
      return (guest['run'] as (at: number, n: number) => bigint)(0, 0) > 0n;
    },
    attack: async (lab) => {
      const grow = reactor(
        '(drop (memory.grow (i32.const 60000))) (if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 131072)) (call $pack (i32.const 0) (i32.const 1))',
      );
      const { report } = await lab.run(grow, { limits: { fuel: 1e10 } });
      return { code: report?.ok === true && report.memoryBytes <= 64 * 1024 * 1024 ? 'CAPPED' : 'GREW' };
    },
    expect: 'CAPPED',
  },
  {
    row: 5,
    name: 'fill of 1 GiB',
    attack: (lab) => lab.run(reactor(`(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000)) ${ZERO}`)),
    expect: 'FUEL',
  },
  {
    row: 5,
    name: 'table of 10 million',
    naive: () => loads(reactor(ZERO, '(table 10000000 funcref)')),
    attack: (lab) => lab.run(reactor(ZERO, '(table 10000000 funcref)')),
    expect: 'WASM_LIMIT',
  },
  {
    row: 5,
    name: 'table that grows to 10 million',
    attack: async (lab) => {
      const source = reactor(
        '(i64.store (i32.const 0) (i64.extend_i32_s (table.grow $t (ref.null func) (i32.const 10000000)))) (call $pack (i32.const 0) (i32.const 8))',
        '(table $t 1 funcref)',
      );
      const { report } = await lab.run(source);
      return { code: report?.ok === true && Buffer.from(report.output).readBigInt64LE() === -1n ? 'CAPPED' : 'GREW' };
    },
    expect: 'CAPPED',
  },
  {
    row: 5,
    name: '100 000 functions',
    attack: async (lab) => lab.run(reactor(ZERO, '(func)'.repeat(100_000))),
    expect: 'WASM_FEATURE',
  },
  { row: 5, name: 'module of 50 MB', attack: (lab) => lab.run(new Uint8Array(50 << 20)), expect: 'WASM_LIMIT' },
  {
    row: 6,
    name: 'spin in run',
    naive: async () => {
      const bytes = await wat(reactor(SPIN));
      const code = `const {workerData} = require('worker_threads'); new WebAssembly.Instance(new WebAssembly.Module(workerData)).exports.run(0, 0);`;
      return hangs(code, bytes);
    },
    attack: (lab) => lab.run(reactor(SPIN)),
    expect: 'FUEL',
  },
  {
    row: 6,
    name: 'spin in alloc',
    attack: (lab) =>
      lab.run(
        `(module (memory (export "memory") 1) (func (export "run") (param i32 i32) (result i64) ${ZERO}) (func (export "alloc") (param i32) (result i32) (loop $l (br $l)) (i32.const 0)))`,
      ),
    expect: 'FUEL',
  },
  {
    row: 6,
    name: 'spin with all the fuel there is',
    attack: (lab) => lab.run(reactor(SPIN), { limits: { fuel: 9e15, wall_ms: 200 } }),
    expect: 'DEADLINE',
  },
  {
    row: 6,
    name: 'recursion without work',
    attack: (lab) => lab.run(reactor('(call $run (local.get $at) (local.get $n))')),
    expect: 'STACK',
  },
  {
    row: 7,
    name: 'a billion cheap host calls',
    naive: () => staysBusy('const take = () => 0; for (let i = 0; i < 1e11; i++) take();'),
    attack: (lab) =>
      lab.run(reactor(`(loop $l (drop (call $take (i32.const 0) (i32.const 0))) (br $l)) ${ZERO}`, READ_IMPORTS)),
    expect: 'HOSTCALL_QUOTA',
  },
  {
    row: 7,
    name: 'log flood',
    naive: keepsEveryLine,
    attack: (lab) =>
      lab.run(
        reactor(`(loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 4000)) (br $l)) ${ZERO}`, READ_IMPORTS),
      ),
    expect: 'LOG_QUOTA',
  },
  {
    row: 7,
    name: 'output of 1 GB',
    attack: (lab) => lab.run(reactor('(call $pack (i32.const 0) (i32.const 1000000000))')),
    expect: 'OUTPUT_QUOTA',
  },
  {
    row: 7,
    name: 'scratch without end',
    attack: (lab) =>
      lab.run(
        reactor(
          `(loop $l (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 0x01010101))) (drop (call $set (i32.const 8) (i32.const 4) (i32.const 0) (i32.const 60000))) (i32.store (i32.const 8) (i32.add (i32.and (i32.load (i32.const 0)) (i32.const 0x0f0f0f0f)) (i32.const 0x30303030))) (br $l)) ${ZERO}`,
          READ_IMPORTS,
        ),
        { limits: { host_calls: 1e6 } },
      ),
    expect: 'KV_QUOTA',
  },
  {
    row: 8,
    name: 'catch_all around a quota',
    naive: async () => {
      let left = 10;
      const call = (): void => {
        if (left-- < 0) throw new Error('QUOTA');
      };
      const guest = await naiveLoad(CATCH('$q'), { env: { call } });
      return (guest['run'] as (at: number, n: number) => bigint)(0, 0) === 42n;
    },
    attack: (lab) =>
      lab.run(
        reactor(
          '(try (do (loop $l (drop (call $take (i32.const 0) (i32.const 0))) (br $l))) (catch_all)) (i64.const 42)',
          READ_IMPORTS,
        ),
      ),
    expect: 'WASM_FEATURE',
  },
  ...[
    ['pointer -1', '(drop (call $read (i32.const -1) (i32.const 4)))'],
    ['length -1', '(drop (call $read (i32.const 0) (i32.const -1)))'],
    ['pointer and length that wrap', '(drop (call $read (i32.const 0xfffffff0) (i32.const 0x20)))'],
    [
      'length beyond memory',
      '(drop (call $read (i32.const 65536) (i32.add (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)) (i32.const 1))))',
    ],
    [
      'scratch from outside',
      '(drop (call $set (i32.const 0) (i32.const 1) (i32.const 0x7fffffff) (i32.const 0x7fffffff)))',
    ],
  ].map(([name = '', body = '']) => ({
    row: 9,
    name,
    naive: () => letsThrough(reactor(`${body} ${ZERO}`, READ_IMPORTS)),
    attack: (lab: Lab) => lab.run(reactor(`${body} ${ZERO}`, READ_IMPORTS)),
    expect: 'ABI_RANGE',
  })),
  {
    row: 9,
    name: 'output beyond memory',
    attack: (lab) => lab.run(reactor('(i64.const 0x7fffffff00001000)')),
    expect: 'ABI_RANGE',
  },
  { row: 9, name: 'output of length -1', attack: (lab) => lab.run(reactor('(i64.const -1)')), expect: 'OUTPUT_QUOTA' },
  {
    row: 9,
    name: 'alloc that points outside',
    attack: (lab) =>
      lab.run(
        `(module (memory (export "memory") 1) (func (export "run") (param i32 i32) (result i64) ${ZERO}) (func (export "alloc") (param i32) (result i32) (i32.const -8)))`,
        { input: 'xxxxxxxxxxxxxxxx' },
      ),
    expect: 'ABI_RANGE',
  },
  {
    row: 12,
    name: 'deep recursion',
    naive: async () => {
      const guest = await naiveLoad(reactor('(call $run (local.get $at) (local.get $n))'));
      try {
        (guest['run'] as (at: number, n: number) => bigint)(0, 0);
        return false;
      } catch (error) {
        return error instanceof RangeError;
      }
    },
    attack: (lab) => lab.run(reactor('(i64.add (i64.const 1) (call $run (local.get $at) (local.get $n)))')),
    expect: 'STACK',
  },
  {
    row: 13,
    name: 'a global index that would mean the fuel',
    naive: async () =>
      WebAssembly.validate(
        instrument(readModule(await refueller()), { memoryPages: 10, tableElements: 10, profile: false }),
      ),
    attack: async (lab) => lab.run(await refueller()),
    expect: 'WASM_INVALID',
  },
  {
    row: 6,
    name: 'a trap in the middle of its work',
    attack: (lab) => lab.run(reactor('unreachable')),
    expect: 'TRAP',
  },
  {
    row: 6,
    name: 'a command that leaves with a status',
    attack: (lab) =>
      lab.run(
        '(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 3))))',
      ),
    expect: 'EXIT',
  },
  {
    row: 5,
    name: 'more memory than its process may have',
    attack: (lab) =>
      lab.run(reactor(ZERO, '', '(memory (export "memory") 65535)'), { limits: { memory_bytes: 2 ** 32 } }),
    expect: 'MEMORY',
  },
  {
    row: 18,
    name: 'two runs see the same time and chance',
    naive: async () => (await chance()) !== (await chance()),
    attack: async (lab) => {
      const source = reactor(
        '(i64.store (i32.const 0) (call $r)) (i64.store (i32.const 8) (call $now)) (call $pack (i32.const 0) (i32.const 16))',
        '(import "maestro:host@1" "random" (func $r (result i64))) (import "maestro:host@1" "now" (func $now (result i64)))',
      );
      const [a, b] = [await lab.run(source), await lab.run(source)];
      const same = JSON.stringify({ ...a.report, wallMs: 0 }) === JSON.stringify({ ...b.report, wallMs: 0 });
      return { code: same && a.report?.ok === true ? 'IDENTICAL' : 'DIFFERENT' };
    },
    expect: 'IDENTICAL',
  },
  {
    row: 19,
    name: 'memory of an earlier call',
    naive: async () => {
      const guest = await naiveLoad(COUNTER);
      const run = guest['run'] as (at: number, n: number) => bigint;
      run(0, 0);
      return run(0, 0) === 2n;
    },
    attack: async (lab) => {
      await lab.run(RESIDUE);
      const { report } = await lab.run(RESIDUE);
      return { code: report?.ok === true && Buffer.from(report.output).readUInt32LE() === 1 ? 'FRESH' : 'RESIDUE' };
    },
    expect: 'FRESH',
  },
  {
    row: 19,
    name: 'scratch of an earlier call',
    naive: oneScratchForAll,
    attack: async (lab) => {
      await lab.run(
        reactor(`(drop (call $set (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8))) ${ZERO}`, READ_IMPORTS),
      );
      const { report } = await lab.run(
        reactor(
          '(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 8) (call $get (i32.const 0) (i32.const 1))) (call $pack (i32.const 8) (i32.const 4))',
          READ_IMPORTS,
        ),
      );
      return { code: report?.ok === true && Buffer.from(report.output).readInt32LE() === -2 ? 'FRESH' : 'RESIDUE' };
    },
    expect: 'FRESH',
  },
  {
    row: 25,
    name: 'a component, whose glue a host would have to generate',
    naive: glueRuns,
    attack: (lab) => lab.run(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)),
    expect: 'WASM_INVALID',
  },
  {
    row: 26,
    name: 'the process is killed in the middle of a call',
    naive: waitsForEver,
    attack: async (lab) => {
      const lost = lab.run(reactor(SPIN), { limits: { fuel: 9e15, wall_ms: 5000 } });
      await new Promise((resolve) => setTimeout(resolve, 150));
      for (const pid of lab.runner.pids) process.kill(pid, 'SIGKILL');
      return lost;
    },
    expect: 'RUNNER_LOST',
  },
];

const COUNTER = reactor(
  '(i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (i64.load32_u (i32.const 0))',
);
const RESIDUE = reactor(
  '(i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $pack (i32.const 0) (i32.const 4))',
);

async function naiveStart(): Promise<boolean> {
  let ran = false;
  const source = reactor(ZERO, '(import "env" "effect" (func $e)) (start $e)');
  await naiveLoad(source, { env: { effect: () => (ran = true) } });
  return ran;
}

/** Sets the global after the last one: out of range in the original, the fuel counter after the rewrite. */
async function refueller(): Promise<Uint8Array> {
  const good = await wat(
    reactor(
      '(global.set $top (i32.const 0)) (global.set $big (i64.const 0x7fffffffffffffff)) (i64.const 0)',
      '(global $big (mut i64) (i64.const 0))',
    ),
  );
  const bytes = good.slice();
  // global.set 0 (24 00) after the i64 constant becomes global.set 2, which nobody defined.
  const constant = [0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x24, 0x00];
  const at = Buffer.from(bytes).indexOf(Buffer.from(constant));
  if (at < 0) throw new FeatureRefused('the pattern of the attack is gone');
  bytes[at + constant.length - 1] = 2;
  return bytes;
}
