import { spawn } from 'node:child_process';
import { runInThisContext } from 'node:vm';
import { readSigned } from '#plugins/provenance/signed.ts';
import type { VerifyKey } from '#plugins/provenance/keys.ts';
import { naiveLoad, READ_IMPORTS } from './lab.ts';
import { reactor, wat } from '../wat.ts';

/** Loaders as one would write them first. Each function gives true when the attack succeeds against such a loader. */

type Run = (at: number, n: number) => bigint;
type Numbers = (...args: number[]) => number;

/** Host functions that take the guest's bytes with `subarray`, which cuts and wraps instead of refusing. */
export async function letsThrough(source: string): Promise<boolean> {
  const seen: Uint8Array[] = [];
  let memory = new WebAssembly.Memory({ initial: 0 });
  const take: Numbers = (at = 0, n = 0) => {
    seen.push(new Uint8Array(memory.buffer).subarray(at, at + n));
    return 0;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await wat(source)), everyImport(take));
  // The casts are true: the attacks that use this export both.
  memory = exports['memory'] as WebAssembly.Memory;
  (exports['run'] as Run)(0, 0);
  return seen.length > 0;
}

/** The names of READ_IMPORTS, all with one implementation. */
function everyImport(implementation: Numbers) {
  const imports: { [namespace: string]: { [name: string]: Numbers } } = {};
  for (const [, namespace = '', name = ''] of READ_IMPORTS.matchAll(/"([^"]+)" "([^"]+)"/g))
    (imports[namespace] ??= {})[name] = implementation;
  return imports;
}

/** Plain code in a process of its own; true when it has not ended after `ms`. */
export async function staysBusy(code: string, ms = 400): Promise<boolean> {
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => child.once('exit', () => resolve(false)));
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ms));
  const answer = await Promise.race([ended, late]);
  child.kill('SIGKILL');
  return answer;
}

/** A caller that waits for the answer of a process and for nothing else; the process is killed. */
export async function waitsForEver(): Promise<boolean> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const answered = new Promise<boolean>((resolve) => child.once('message', () => resolve(false)));
  child.kill('SIGKILL');
  return Promise.race([answered, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 200))]);
}

/** Verifies the envelope, as a signature library does, with any key that is known; never asks what it is about. */
export function signatureHolds(bundles: string, payloadType: string, keys: readonly VerifyKey[]): boolean {
  return bundles.split('\n').some((line) => readSigned(line, { payloadType, keys, threshold: 1 }).ok);
}

/** Splices in the order that the edits come in, into whatever is there, file after file. */
export function editsWithoutLooking(proposed: unknown, files: Map<string, string>): boolean {
  const before = new Map(files);
  try {
    // The cast is what such code does.
    for (const { path, edits } of proposed as {
      path: string;
      edits: { start: number; end: number; text: string }[];
    }[]) {
      let text = files.get(path);
      if (text === undefined) throw new Error(`no ${path}`);
      for (const { start, end, text: insert } of edits) text = text.slice(0, start) + insert + text.slice(end);
      files.set(path, text);
    }
  } catch {
    // Files before the bad one are written by now.
  }
  return [...files].some(([path, text]) => before.get(path) !== text);
}

/** Asks a policy, and lets the plugin load unless it said no. */
export async function allowedUnlessDenied(decide: () => Promise<unknown>): Promise<boolean> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 100));
  // The cast is what such code does.
  const answer = (await Promise.race([decide().catch(() => null), late])) as { allow?: unknown } | null | undefined;
  return answer?.allow !== false;
}

/** Keeps what the guest logs in a list, for ever. */
export async function keepsEveryLine(): Promise<boolean> {
  let bytes = 0;
  const log = (_level: number, _at: number, length: number): void => void (bytes += length);
  const flood = reactor(
    `(local.set $n (i32.const 100000)) (loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 4000)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i64.const 0)`,
    '(import "env" "log" (func $log (param i32 i32 i32)))',
  );
  const guest = await naiveLoad(flood, { env: { log } });
  (guest['run'] as Run)(0, 0);
  return bytes > 100_000_000;
}

/** What the machine's own dice say. */
export async function chance(): Promise<bigint> {
  const source = reactor('(call $random)', '(import "env" "random" (func $random (result i64)))');
  const random = (): bigint => BigInt(Math.floor(Math.random() * 2 ** 52));
  return ((await naiveLoad(source, { env: { random } }))['run'] as Run)(0, 0);
}

/** One map for all calls. */
export async function oneScratchForAll(): Promise<boolean> {
  const kept = new Map<number, number>();
  const env = {
    set: (key: number, value: number) => void kept.set(key, value),
    get: (key: number) => kept.get(key) ?? -2,
  };
  const imports =
    '(import "env" "set" (func $set (param i32 i32))) (import "env" "get" (func $get (param i32) (result i32)))';
  const run = async (body: string): Promise<bigint> =>
    ((await naiveLoad(reactor(body, imports), { env }))['run'] as Run)(0, 0);
  await run(`(call $set (i32.const 1) (i32.const 7)) (i64.const 0)`);
  return (await run('(i64.extend_i32_s (call $get (i32.const 1)))')) === 7n;
}

/** Writes JavaScript around the names of a component, as code generators do, and runs it. */
export function glueRuns(): boolean {
  const name = `x": 0, ["y" + (globalThis.glued = true)]: 0, "z`;
  runInThisContext(`({ "${name}": () => 0 })`);
  const ran = Object.hasOwn(globalThis, 'glued');
  delete (globalThis as { glued?: boolean }).glued;
  return ran;
}
