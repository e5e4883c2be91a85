import { type ChildProcess, spawn } from 'node:child_process';
import { systemClock } from '#kernel/clock.ts';
import type { CallFailure, CallReport, Limits, PluginCall } from '#plugins/ports.ts';
import { confine } from './confine.ts';
import { encodeFrame, type Frame, frameReader } from './frames.ts';
import { Lane } from './lane.ts';
import { lostCall, type WireCall, type WireReport } from './worker-job.ts';

const MOST_MODULES = 32;
const START_MS = 20_000;

interface Pending {
  readonly lane: number;
  readonly limits: Limits;
  /** The deadline passed and the worker is being ended. */
  late: boolean;
  readonly finish: (report: CallReport) => void;
}

/** A confined process with its workers. Serves one workspace only. */
export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #root: string | null;
  readonly #loaded = new Set<string>();
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  readonly ready: Promise<boolean>;
  readonly #lanes: readonly Lane[];
  /** Lanes without a call; one that was just ended comes last, since its worker is being replaced. */
  readonly #free: number[];
  #next = 1;
  dead = false;

  constructor(options: { root: string | null; bwrap: string | null; workers: number }) {
    const { argv, root } = confine(options);
    this.#root = root;
    this.#lanes = Array.from({ length: options.workers }, () => new Lane());
    this.#free = [...this.#lanes.keys()];
    this.#child = spawn(argv[0] ?? '', argv.slice(1), {
      stdio: ['pipe', 'pipe', 'ignore', ...this.#lanes.flatMap(({ childFds }) => childFds)],
      env: {},
      cwd: '/',
    });
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
    while (this.#free.length === 0 && !this.dead) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const lane = this.#free.shift();
    if (lane === undefined || this.dead || signal.aborted) {
      if (lane !== undefined) this.#release(lane);
      return lostCall(signal.aborted ? 'CANCELLED' : 'RUNNER_LOST', 'the call did not start');
    }
    const report = await this.#exchange(call, lane, signal);
    this.#release(lane);
    return report;
  }

  #release(lane: number): void {
    this.#free.push(lane);
    this.#waiting.shift()?.();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#die();
  }

  async #exchange(call: PluginCall, lane: number, signal: AbortSignal): Promise<CallReport> {
    const id = this.#next++;
    const over = new AbortController();
    const { module, input, ...rest } = call;
    const report = await new Promise<CallReport>((finish) => {
      const end = (code: CallFailure, message: string): void => {
        finish(lostCall(code, message));
        this.kill();
      };
      this.#pending.set(id, { lane, limits: call.limits, late: false, finish });
      systemClock.sleep(call.limits.wall_ms + START_MS, over.signal).then(
        () => end('RUNNER_LOST', 'the process that runs plugins does not answer'),
        () => undefined,
      );
      signal.addEventListener('abort', () => end('CANCELLED', 'the caller gave up'), { signal: over.signal });
      if (!this.#loaded.has(module.instrumentedDigest)) {
        this.#forgetOldest();
        this.#loaded.add(module.instrumentedDigest);
        this.#send({ type: 'module', digest: module.instrumentedDigest, kind: module.kind }, module.bytes);
      }
      this.#lanes[lane]?.writeInput(input);
      const wire: WireCall = { ...rest, root: this.#root, lane, inputLength: input.length };
      this.#send({ type: 'call', id, digest: module.instrumentedDigest, call: wire });
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
    this.#send({ type: 'forget', digest: oldest });
  }

  #send(head: Frame['head'], bytes?: Uint8Array): void {
    for (const part of encodeFrame(head, bytes)) this.#child.stdin?.write(part);
  }

  #receive({ head }: Frame): void {
    const pending = this.#pending.get(Number(head['id']));
    if (pending === undefined) return;
    if (head['type'] === 'late') {
      pending.late = true;
      return;
    }
    // The cast is bounded: a confined process can lie about its own call only, and callers treat reports as data.
    const report = head['report'] as WireReport;
    if (!report.ok) return pending.finish(report);
    if (report.outputLength > pending.limits.output_bytes)
      return pending.finish(lostCall('OUTPUT_QUOTA', 'more output than agreed'));
    const output = this.#lanes[pending.lane]?.readOutput(report.outputLength) ?? new Uint8Array();
    pending.finish({ ...report, output });
  }

  #die(): void {
    if (this.dead) return;
    this.dead = true;
    for (const lane of this.#lanes) lane.close();
    for (const { finish, late, limits } of this.#pending.values())
      finish(
        late
          ? lostCall('DEADLINE', `longer than ${limits.wall_ms} ms`)
          : lostCall('RUNNER_LOST', 'the process that ran the plugin ended'),
      );
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
