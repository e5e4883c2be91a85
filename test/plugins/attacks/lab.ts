import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { admit } from '#plugins/admit.ts';
import type { CallReport, Limits, Permissions, PluginCall } from '#plugins/ports.ts';
import { ALL, ECHO, LIMITS, wat } from '../wat.ts';

/** What came of one attack: the reason code, and the report when the module ran. */
export interface Outcome {
  readonly code: string;
  readonly report?: CallReport;
}

export interface Attack {
  /** Row of the attack table: attacks of one row use the same weakness. */
  readonly row: number;
  readonly name: string;
  /** True when the attack succeeds against a loader as one would write it first; absent where none can be built. */
  readonly naive?: (lab: Lab) => Promise<boolean> | boolean;
  readonly attack: (lab: Lab) => Promise<Outcome> | Outcome;
  readonly expect: string;
}

export const SECRET = 'canary-7f3a';

/** A workspace beside a secret, the real runner, and ways to run modules in both worlds. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'attacks-'));
  readonly root = join(this.folder, 'workspace');
  readonly secret = join(this.folder, 'outside', 'secret.txt');
  readonly runner: ConfinedPluginRunner;

  constructor(workers = 2) {
    this.runner = new ConfinedPluginRunner({ workers, bwrap: findBwrap() });
    mkdirSync(this.root);
    mkdirSync(join(this.folder, 'outside'));
    writeFileSync(this.secret, SECRET);
    writeFileSync(join(this.root, 'a.txt'), 'hello');
  }

  async run(source: string | Uint8Array, change: Change = {}): Promise<Outcome> {
    const bytes = typeof source === 'string' ? await wat(source) : source;
    const limits = { ...LIMITS, ...change.limits };
    const permissions = { ...ALL, ...change.permissions };
    const admission = admit({ bytes, permissions, limits });
    if (!admission.ok) return { code: admission.reasons[0]?.code ?? 'REFUSED' };
    const call: PluginCall = {
      module: admission.module,
      input: typeof change.input === 'string' ? Buffer.from(change.input) : (change.input ?? new Uint8Array()),
      root: change.root === undefined ? this.root : change.root,
      permissions,
      limits,
      seed: 1,
      startMs: 0,
    };
    const report = await this.runner.call(call, new AbortController().signal);
    if (!report.ok) return { code: report.code, report };
    return { code: report.refusals[0]?.code ?? 'OK', report };
  }

  /** The next good call works on a fresh instance. */
  async alive(): Promise<boolean> {
    const { report } = await this.run(ECHO, { input: 'still here' });
    return report?.ok === true && Buffer.from(report.output).toString() === 'still here';
  }

  untouched(): boolean {
    return readFileSync(this.secret, 'utf8') === SECRET && readFileSync(join(this.root, 'a.txt'), 'utf8') === 'hello';
  }

  async close(): Promise<void> {
    await this.runner.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Change {
  readonly input?: string | Uint8Array;
  readonly root?: string | null;
  readonly limits?: Partial<Limits>;
  readonly permissions?: Partial<Permissions>;
}

/** Instantiates with plain objects and nothing else, as the first loader that one would write. */
export async function naiveLoad(source: string, imports: object = {}): Promise<{ readonly [name: string]: unknown }> {
  return new WebAssembly.Instance(new WebAssembly.Module(await wat(source)), imports).exports;
}

/** Runs code in a thread; true when it has not ended after `ms`. */
export async function hangs(code: string, data: unknown, ms = 400): Promise<boolean> {
  const worker = new Worker(code, { eval: true, workerData: data });
  const ended = new Promise<boolean>((resolve) => worker.once('exit', () => resolve(false)));
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ms));
  const answer = await Promise.race([ended, late]);
  await worker.terminate();
  return answer;
}

/** Reads the path that is its input with the host's file capability; gives back what it got. */
export const READ_IMPORTS = `(import "maestro:fs@1" "read" (func $read (param i32 i32) (result i32)))
  (import "maestro:fs@1" "list" (func $list (param i32 i32) (result i32)))
  (import "maestro:host@1" "take" (func $take (param i32 i32) (result i32)))
  (import "maestro:log@1" "write" (func $log (param i32 i32 i32)))
  (import "maestro:kv@1" "get" (func $get (param i32 i32) (result i32)))
  (import "maestro:kv@1" "set" (func $set (param i32 i32 i32 i32) (result i32)))`;
export const HELD = `(local $size i32) (local $to i32)
   (local.set $size (call CALL (local.get $at) (local.get $n)))
   (if (i32.lt_s (local.get $size) (i32.const 0)) (then (return (call $pack (local.get $at) (i32.const 0)))))
   (local.set $to (call $alloc (local.get $size)))
   (drop (call $take (local.get $to) (local.get $size)))
   (call $pack (local.get $to) (local.get $size))`;
