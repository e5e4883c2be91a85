import { spawn } from 'node:child_process';
import { readSigned } from '#plugins/provenance/signed.ts';
import type { VerifyKey } from '#plugins/provenance/keys.ts';
import { READ_IMPORTS } from './lab.ts';
import { wat } from '../wat.ts';

/** Loaders as one would write them first. Each function gives true when the attack succeeds against such a loader. */

type Run = (at: number, n: number) => bigint;
type Numbers = (...args: number[]) => number;

/** Host functions that take the guest's bytes with `subarray`, which cuts and wraps instead of refusing. */
export async function letsThrough(source: string): Promise<boolean> {
  const seen: Uint8Array[] = [];
  let memory = new WebAssembly.Memory({ initial: 0 });
  const take: Numbers = (at = 0, n = 0) => seen.push(new Uint8Array(memory.buffer).subarray(at, at + n)) * 0;
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
