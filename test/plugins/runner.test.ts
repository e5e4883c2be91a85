import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import type { CallReport, PluginCall } from '#plugins/ports.ts';
import { admitted, ALL, ECHO, LIMITS, reactor, wat } from './wat.ts';

const folder = mkdtempSync(join(tmpdir(), 'runner-'));
const bwrap = findBwrap();
if (bwrap === null) console.log('skipped: no bubblewrap');
const walls = [
  { name: 'permission model', runner: new ConfinedPluginRunner({ workers: 2, bwrap: null }) },
  ...(bwrap === null ? [] : [{ name: 'bubblewrap', runner: new ConfinedPluginRunner({ workers: 2, bwrap }) }]),
];
afterAll(async () => {
  for (const { runner } of walls) await runner.close();
  rmSync(folder, { recursive: true });
});

async function call(
  runner: ConfinedPluginRunner,
  source: string,
  change: Partial<PluginCall> = {},
): Promise<CallReport> {
  const module = admitted(await wat(source), change.permissions ?? ALL, change.limits ?? LIMITS);
  const request = {
    module,
    input: Buffer.from('abc'),
    root: folder,
    permissions: ALL,
    limits: LIMITS,
    seed: 1,
    startMs: 0,
  };
  return runner.call({ ...request, ...change }, new AbortController().signal);
}

const READ = reactor(
  `(local $size i32) (local $to i32)
   (local.set $size (call $read (local.get $at) (local.get $n)))
   (if (i32.lt_s (local.get $size) (i32.const 0)) (then (return (call $pack (local.get $at) (i32.const 0)))))
   (local.set $to (call $alloc (local.get $size)))
   (drop (call $take (local.get $to) (local.get $size)))
   (call $pack (local.get $to) (local.get $size))`,
  `(import "maestro:fs@1" "read" (func $read (param i32 i32) (result i32)))
   (import "maestro:host@1" "take" (func $take (param i32 i32) (result i32)))`,
);
const SPIN = reactor('(loop $l (br $l)) (i64.const 0)');

test.each(walls)('a plugin gives back what it was given, and a granted file, behind: $name', async ({ runner }) => {
  writeFileSync(join(folder, 'a.txt'), 'hello');

  const echo = await call(runner, ECHO);
  const read = await call(runner, READ, { input: Buffer.from('a.txt') });
  const denied = await call(runner, READ, { input: Buffer.from('../a.txt') });

  expect(echo).toMatchObject({ ok: true, output: new Uint8Array(Buffer.from('abc')) });
  expect(read).toMatchObject({ ok: true, output: new Uint8Array(Buffer.from('hello')), bytesRead: 5 });
  expect(denied).toMatchObject({ ok: true, bytesRead: 0, refusals: [{ code: 'FS_SCOPE', what: '../a.txt' }] });
});

test.each(walls)(
  'fuel and deadline end a spinning plugin, and the next call works, behind: $name',
  async ({ runner }) => {
    const fuel = await call(runner, SPIN);
    const slow = await call(runner, SPIN, { limits: { ...LIMITS, fuel: 9e15, wall_ms: 150 } });
    const next = await call(runner, ECHO);

    expect(fuel).toMatchObject({ ok: false, code: 'FUEL' });
    expect(slow).toMatchObject({ ok: false, code: 'DEADLINE' });
    expect(next.ok).toBe(true);
  },
);

test.each(walls)('two equal calls give equal output and fuel, behind: $name', async ({ runner }) => {
  const source = reactor(
    `(i64.store (i32.const 0) (call $random)) (i64.store (i32.const 8) (call $now)) (call $pack (i32.const 0) (i32.const 16))`,
    `(import "maestro:host@1" "random" (func $random (result i64))) (import "maestro:host@1" "now" (func $now (result i64)))`,
  );

  const [first, second] = [await call(runner, source), await call(runner, source)];

  expect({ ...first, wallMs: 0 }).toEqual({ ...second, wallMs: 0 });
  expect(first.ok).toBe(true);
});

/** Counts the words beyond its input that are not zero, tells that and its pages, and leaves all of its memory soiled. */
const SOIL = reactor(
  `(local $i i32) (local $end i32) (local $soiled i64)
   (local.set $i (i32.add (local.get $at) (local.get $n)))
   (local.set $end (i32.mul (memory.size) (i32.const 65536)))
   (block $done (loop $l
     (br_if $done (i32.ge_u (local.get $i) (local.get $end)))
     (if (i64.ne (i64.load (local.get $i)) (i64.const 0))
       (then (local.set $soiled (i64.add (local.get $soiled) (i64.const 1)))))
     (local.set $i (i32.add (local.get $i) (i32.const 8)))
     (br $l)))
   (if (i64.ne (i64.load (i32.const 0)) (i64.const 0))
     (then (local.set $soiled (i64.add (local.get $soiled) (i64.const 1)))))
   (memory.fill (i32.const 0) (i32.const 255) (local.get $end))
   (i64.store (i32.const 0) (local.get $soiled))
   (i64.store (i32.const 8) (i64.extend_i32_u (memory.size)))
   (call $pack (i32.const 0) (i32.const 16))`,
);

test.each(walls)('no byte and no page of a call is seen by the next, behind: $name', async ({ runner }) => {
  // Long enough that the worker keeps the memory, and two that need more than it begins with.
  const lengths = [200_000, 200_000, 3_000_000, 200_000, 3_000_000, 64];
  const words: number[][] = [];
  const fuel: number[] = [];
  for (const length of lengths) {
    const report = await call(runner, SOIL, { input: new Uint8Array(length).fill(9) });
    if (!report.ok) throw new Error(report.message);
    words.push([...new BigInt64Array(report.output.slice().buffer)].map(Number));
    fuel.push(report.fuel);
  }

  const small = [0, 34];
  const large = [0, 50];
  expect(words).toEqual([small, small, large, small, large, small]);
  expect([fuel[1], fuel[3], fuel[4]]).toEqual([fuel[0], fuel[0], fuel[2]]);
});

test.each(walls)('a killed process loses its call only, behind: $name', async ({ runner }) => {
  const lost = call(runner, SPIN, { limits: { ...LIMITS, fuel: 9e15 } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const pid of runner.pids) process.kill(pid, 'SIGKILL');

  expect(await lost).toMatchObject({ ok: false, code: 'RUNNER_LOST' });
  expect((await call(runner, ECHO)).ok).toBe(true);
});

test.each(walls)(
  'a caller that gives up gets its answer at once, before and during the call, behind: $name',
  async ({ runner }) => {
    const module = admitted(await wat(SPIN));
    const limits = { ...LIMITS, fuel: 9e15 };
    const request = { module, input: Buffer.from(''), root: folder, permissions: ALL, limits, seed: 1, startMs: 0 };
    const giveUp = new AbortController();

    const before = await runner.call(request, AbortSignal.abort());
    const during = runner.call(request, giveUp.signal);
    setTimeout(() => giveUp.abort(), 50);

    expect(before).toMatchObject({ ok: false, code: 'CANCELLED' });
    expect(await during).toMatchObject({ ok: false, code: 'CANCELLED' });
    expect((await call(runner, ECHO)).ok).toBe(true);
  },
);

test.each(walls)('outputs come back whole whatever the length of the one before, behind: $name', async ({ runner }) => {
  for (const size of [1 << 20, 1 << 20, 700_000, 300_000, 262_144, 262_145, 5000, 1 << 20, 0, 3 << 20]) {
    const input = Buffer.alloc(size, `${size} `);

    const report = await call(runner, ECHO, { input });

    expect(report.ok && input.equals(report.output), `${size} bytes`).toBe(true);
  }
});

/** Reads standard input once, up to 300 000 bytes, and writes back what came. */
const COMMAND = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 6)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 300000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

test.each(walls)(
  'a long input that the guest never takes is not mixed up with the next, behind: $name',
  async ({ runner }) => {
    const long = Buffer.alloc(200_000, 'abc');
    const deaf = '(module (memory (export "memory") 1) (func (export "_start")))';
    const trap = reactor('(i64.const 0)').replace('(local.get $at))\n    (func $pack', 'unreachable)\n    (func $pack');

    for (let i = 0; i < 3; i++) {
      expect((await call(runner, deaf, { input: long })).ok).toBe(true);
      expect(await call(runner, trap, { input: long })).toMatchObject({ ok: false, code: 'TRAP' });
      const read = await call(runner, COMMAND, { input: long });
      expect(read.ok && long.equals(read.output)).toBe(true);
      expect((await call(runner, ECHO)).ok).toBe(true);
    }
  },
);

test('calls for more workspaces at once than processes are kept all get their answer', async () => {
  await using crowded = new ConfinedPluginRunner({ workers: 1, bwrap: null });
  const roots = Array.from({ length: 6 }, () => mkdtempSync(join(folder, 'root-')));

  const reports = await Promise.all(roots.map((root) => call(crowded, ECHO, { root })));
  await call(crowded, ECHO, { root: folder });

  expect(reports.map(({ ok }) => ok)).toEqual(roots.map(() => true));
  expect(crowded.pids.length).toBe(4);
});

/** Bytes that cannot be written to the shared memory, as when none is left. */
function unwritable(length: number): Uint8Array {
  return { length } as Uint8Array; // the cast is a lie, which the system call finds out
}

test.each(walls)('calls whose input cannot be handed over leave room for others, behind: $name', async ({ runner }) => {
  expect((await call(runner, ECHO)).ok).toBe(true);

  for (const length of [10, 10, 200_000, 200_000]) {
    const lost = await call(runner, ECHO, { input: unwritable(length) });
    expect(lost).toMatchObject({ ok: false, code: 'RUNNER_LOST', message: expect.stringContaining('handed over') });
  }

  expect((await call(runner, ECHO)).ok).toBe(true);
});

test('a caller that gives up while it waits for a worker is answered at once, and who waits behind it has its turn', async () => {
  await using busy = new ConfinedPluginRunner({ workers: 1, bwrap: null });
  const slow = { ...LIMITS, fuel: 9e15, wall_ms: 500 };
  const order: string[] = [];
  const giveUp = new AbortController();
  const request = { input: Buffer.from(''), root: folder, permissions: ALL, limits: LIMITS, seed: 1, startMs: 0 };
  const module = admitted(await wat(ECHO));
  await call(busy, ECHO);

  const running = call(busy, SPIN, { limits: slow }).then(({ ok }) => order.push(`running ${ok}`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const first = busy.call({ ...request, module }, giveUp.signal).then(({ ok }) => order.push(`first ${ok}`));
  const second = call(busy, ECHO).then(({ ok }) => order.push(`second ${ok}`));
  giveUp.abort();
  await Promise.all([running, first, second]);

  expect(order).toEqual(['first false', 'running false', 'second true']);
});
