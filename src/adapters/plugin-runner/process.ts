import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { systemClock } from '#kernel/clock.ts';
import type { CallFailure, CallReport, Limits, PluginCall } from '#plugins/ports.ts';
import { confine } from './confine.ts';
import { encodeFrame, type Frame, frameReader } from './frames.ts';
import { Lane } from './lane.ts';
import { lostCall, type WireCall, type WireReport } from './wire.ts';

const MOST_MODULES = 32;
const START_MS = 20_000;

interface Pending {
  readonly seq: number;
  readonly limits: Limits;
  readonly finish: (report: CallReport) => void;
}

/** One worker of the process, seen from here: its files, its control stream, the modules that it has, its call. */
interface Channel {
  readonly lane: Lane;
  readonly control: Socket;
  readonly loaded: Set<string>;
  pending: Pending | null;
}

/** A confined process with its workers. Serves one workspace only. */
export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #root: string | null;
  readonly #channels: readonly Channel[];
  /** Channels whose worker is ready and has no call. */
  readonly #free: Channel[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #ready = Promise.withResolvers<boolean>();
  #seq = 1;
  dead = false;

  constructor(options: { root: string | null; bwrap: string | null; workers: number }) {
    const { argv, root } = confine(options);
    this.#root = root;
    const lanes = Array.from({ length: options.workers }, () => new Lane());
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      stdio: ['pipe', 'ignore', 'ignore', ...lanes.flatMap(({ childFds }) => ['pipe' as const, ...childFds])],
      env: {},
      cwd: '/',
    });
    this.#child = child;
    child.unref();
    this.#channels = lanes.flatMap((lane, index) => {
      const control = child.stdio[3 + 3 * index];
      return control instanceof Socket ? [this.#open({ lane, control, loaded: new Set(), pending: null })] : [];
    });
    child.on('error', () => this.#die());
    child.on('exit', () => this.#die());
    child.stdin?.on('error', () => this.#die());
    const started = new AbortController();
    void this.ready.then(() => started.abort());
    systemClock.sleep(START_MS, started.signal).then(
      () => this.kill(),
      () => undefined,
    );
  }

  /** True when the first worker takes calls, false when the process ended before that. */
  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get busy(): boolean {
    return this.#channels.some(({ pending }) => pending !== null);
  }

  async call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    while (this.#free.length === 0 && !this.dead) await this.#someFree();
    if (signal.aborted) {
      this.#waiting.shift()?.(); // who waits next takes the turn
      return lostCall('CANCELLED', 'the call did not start');
    }
    const channel = this.#free.shift();
    if (channel === undefined || this.dead) return lostCall('RUNNER_LOST', 'the call did not start');
    const over = new AbortController();
    const report = await new Promise<CallReport>((finish) => {
      const end = (code: CallFailure, message: string): void => {
        finish(lostCall(code, message));
        this.kill();
      };
      channel.pending = { seq: this.#seq++, limits: call.limits, finish };
      signal.addEventListener('abort', () => end('CANCELLED', 'the caller gave up'), { signal: over.signal });
      systemClock.sleep(call.limits.wall_ms + START_MS, over.signal).then(
        () => end('RUNNER_LOST', 'the process that runs plugins does not answer'),
        () => undefined,
      );
      this.#send(channel, call, channel.pending.seq);
    });
    over.abort();
    return report;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#die();
  }

  #open(channel: Channel): Channel {
    const read = frameReader((frame) => this.#receive(channel, frame));
    channel.control.unref();
    channel.control.on('error', () => this.#die());
    channel.control.on('data', (chunk: Uint8Array) => {
      try {
        read(chunk);
      } catch {
        this.kill(); // speaks another protocol: no longer our program
      }
    });
    return channel;
  }

  #send({ lane, control, loaded }: Channel, { module, input, ...rest }: PluginCall, seq: number): void {
    const write = (head: Frame['head'], bytes?: Uint8Array): void => {
      for (const part of encodeFrame(head, bytes)) control.write(part);
    };
    const { kind, instrumentedDigest: digest } = module;
    if (!loaded.has(digest)) {
      const [oldest] = loaded;
      if (oldest !== undefined && loaded.size >= MOST_MODULES) {
        loaded.delete(oldest);
        write({ type: 'forget', digest: oldest });
      }
      loaded.add(digest);
      write({ type: 'module', digest, kind }, module.bytes);
    }
    lane.writeInput(input);
    const call: WireCall = { ...rest, root: this.#root, seq, digest, inputLength: input.length };
    write({ type: 'call', ...call });
  }

  #receive(channel: Channel, { head }: Frame): void {
    if (head['type'] === 'ready') {
      channel.loaded.clear(); // a new worker, which has nothing
      this.#release(channel);
      this.#ready.resolve(true);
      return;
    }
    const { pending, lane } = channel;
    const replaced = head['replaced'] === true;
    if (replaced) this.#withdraw(channel);
    if (pending === null || (head['seq'] !== pending.seq && !replaced)) return;
    channel.pending = null;
    if (!replaced) this.#release(channel);
    // The cast is bounded: a confined process can lie about its own call only, and callers treat reports as data.
    const report = head['report'] as WireReport;
    // Ended for the call before this one, which was sent to it in that very moment.
    const other = head['seq'] !== pending.seq && head['seq'] !== 0;
    if (other) return pending.finish(lostCall('RUNNER_LOST', 'the worker was just being replaced'));
    if (!report.ok) return pending.finish(report);
    const tooMuch = report.outputLength > pending.limits.output_bytes;
    if (tooMuch) return pending.finish(lostCall('OUTPUT_QUOTA', 'more output than agreed'));
    pending.finish({ ...report, output: lane.readOutput(report.outputLength) });
  }

  /** Also keeps our own process alive while a worker is being replaced. */
  async #someFree(): Promise<void> {
    const over = new AbortController();
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.race([turn, systemClock.sleep(START_MS, over.signal).catch(() => undefined)]);
    over.abort();
  }

  #withdraw(channel: Channel): void {
    const at = this.#free.indexOf(channel);
    if (at >= 0) this.#free.splice(at, 1);
  }

  #release(channel: Channel): void {
    this.#free.push(channel);
    this.#waiting.shift()?.();
  }

  #die(): void {
    if (this.dead) return;
    this.dead = true;
    this.#ready.resolve(false);
    for (const { lane, control, pending } of this.#channels) {
      lane.close();
      control.destroy();
      pending?.finish(lostCall('RUNNER_LOST', 'the process that ran the plugin ended'));
    }
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
