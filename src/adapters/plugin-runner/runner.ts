import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { systemClock } from '#kernel/clock.ts';
import type { CallFailure, CallReport, PluginCall, PluginRunner } from '#plugins/ports.ts';
import { confine } from './confine.ts';
import { encodeFrame, type Frame, frameReader } from './frames.ts';

/** After the deadline the worker has this long to end before its whole process is killed, in milliseconds. */
const GRACE_MS = 25;
const MOST_PROCESSES = 4;
const MOST_MODULES = 32;
const START_MS = 20_000;

interface Pending {
  readonly call: PluginCall;
  readonly finish: (report: CallReport) => void;
}

/** A confined process with its workers. Serves one workspace only. */
class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #root: string | null;
  readonly #loaded = new Set<string>();
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  readonly ready: Promise<boolean>;
  #idle: number;
  #next = 1;
  dead = false;

  constructor(options: { root: string | null; bwrap: string | null; workers: number }) {
    const { argv, root } = confine(options);
    this.#root = root;
    this.#idle = options.workers;
    this.#child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/' });
    this.#child.unref();
    this.ready = new Promise((settle) => {
      const started = new AbortController();
      const resolve = (ready: boolean): void => {
        started.abort();
        settle(ready);
      };
      const lost = (): void => {
        this.#die();
        resolve(false);
      };
      this.#child.on('error', lost);
      this.#child.on('exit', lost);
      this.#child.stdin?.on('error', lost);
      const read = frameReader((frame) => (frame.head['type'] === 'ready' ? resolve(true) : this.#receive(frame)));
      this.#child.stdout?.on('data', (chunk: Uint8Array) => {
        try {
          read(chunk);
        } catch {
          this.kill(); // speaks another protocol: no longer our program
        }
      });
      systemClock.sleep(START_MS, started.signal).then(lost, () => undefined);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  async call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    if (this.#idle === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.dead || signal.aborted) {
      this.#waiting.shift()?.();
      return lostCall(signal.aborted ? 'CANCELLED' : 'RUNNER_LOST', 'the call did not start');
    }
    this.#idle--;
    const report = await this.#exchange(call, signal);
    this.#idle++;
    this.#waiting.shift()?.();
    return report;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#die();
  }

  async #exchange(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    const id = this.#next++;
    const over = new AbortController();
    const { module, input, ...rest } = call;
    const report = await new Promise<CallReport>((finish) => {
      this.#pending.set(id, { call, finish });
      const end = (code: CallFailure, message: string): void => {
        finish(lostCall(code, message));
        this.kill();
      };
      signal.addEventListener('abort', () => end('CANCELLED', 'the caller gave up'), { signal: over.signal });
      systemClock.sleep(call.limits.wall_ms + GRACE_MS, over.signal).then(
        () => end('DEADLINE', `longer than ${call.limits.wall_ms} ms`),
        () => undefined,
      );
      if (!this.#loaded.has(module.instrumentedDigest)) {
        this.#forgetOldest();
        this.#loaded.add(module.instrumentedDigest);
        this.#send({ type: 'module', digest: module.instrumentedDigest, kind: module.kind }, module.bytes);
      }
      this.#send({ type: 'call', id, digest: module.instrumentedDigest, call: { ...rest, root: this.#root } }, input);
    });
    over.abort();
    this.#pending.delete(id);
    return report;
  }

  /** Frames arrive in order, so a call that is under way has its module already. */
  #forgetOldest(): void {
    const [oldest] = this.#loaded;
    if (oldest === undefined || this.#loaded.size < MOST_MODULES) return;
    this.#loaded.delete(oldest);
    this.#send({ type: 'forget', digest: oldest }, new Uint8Array());
  }

  #send(head: Frame['head'], bytes: Uint8Array): void {
    for (const part of encodeFrame(head, bytes)) this.#child.stdin?.write(part);
  }

  #receive({ head, bytes }: Frame): void {
    const pending = this.#pending.get(Number(head['id']));
    // The cast is bounded: a confined process can lie about its own call only, and callers treat reports as data.
    const report = head['report'] as CallReport;
    pending?.finish(report.ok ? { ...report, output: bytes } : report);
  }

  #die(): void {
    this.dead = true;
    for (const { finish } of this.#pending.values())
      finish(lostCall('RUNNER_LOST', 'the process that ran the plugin ended'));
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

function lostCall(code: CallFailure, message: string): CallReport {
  const nothing = { fuel: 0, wallMs: 0, memoryBytes: 0, hostCalls: 0, bytesRead: 0, refusals: [], log: [] };
  return { ...nothing, ok: false, code, message };
}

export interface RunnerOptions {
  /** Worker threads of each process. */
  readonly workers: number;
  /** Path of bubblewrap; null to use Node's permission model instead. */
  readonly bwrap: string | null;
}

/** One confined process per workspace, started once and kept warm; a lost one is replaced by the next call. */
export class ConfinedPluginRunner implements PluginRunner {
  readonly #options: RunnerOptions;
  readonly #processes = new Map<string, RunnerProcess>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get walls(): readonly string[] {
    return confine({ root: null, ...this.#options }).walls;
  }

  /** Process ids, for tests and for the doctor. */
  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap((one) => one.pid ?? []);
  }

  /** Starts the process of a workspace before it is needed. */
  async warm(root: string | null): Promise<boolean> {
    return this.#process(root === null ? null : realpathSync(root)).ready;
  }

  async call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    if (call.root !== null && !existsSync(call.root)) return lostCall('RUNNER_LOST', `there is no folder ${call.root}`);
    const process = this.#process(call.root === null ? null : realpathSync(call.root));
    if (!(await process.ready)) {
      process.kill();
      return lostCall('RUNNER_LOST', 'the process that runs plugins did not start');
    }
    return process.call(call, signal);
  }

  async close(): Promise<void> {
    for (const process of this.#processes.values()) process.kill();
    this.#processes.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #process(root: string | null): RunnerProcess {
    const key = root ?? '';
    const known = this.#processes.get(key);
    this.#processes.delete(key);
    const process = known === undefined || known.dead ? new RunnerProcess({ root, ...this.#options }) : known;
    this.#processes.set(key, process);
    for (const [other, old] of this.#processes) {
      if (this.#processes.size <= MOST_PROCESSES) break;
      if (old.busy || old === process) continue;
      this.#processes.delete(other);
      old.kill();
    }
    return process;
  }
}

/** Where bubblewrap is on this machine; null when it is not there. */
export function findBwrap(): string | null {
  return ['/usr/bin/bwrap', '/usr/local/bin/bwrap'].find((path) => existsSync(path)) ?? null;
}
