import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { steadyMillis, systemClock } from '#kernel/clock.ts';
import type { CallFailure, CallReport, Limits, PluginCall } from '#plugins/ports.ts';
import { confine } from './confine.ts';
import { encodeFrame, type Frame, frameReader, SIGNAL } from './frames.ts';
import { Lane } from './lane.ts';
import { lostCall, type WireCall, type WireReport } from './wire.ts';

const MOST_MODULES = 32;
const START_MS = 20_000;
/** An input of more bytes is written while the worker makes ready for it. */
const LONG = 64 * 1024;
/** How often calls that should be over are looked for, in milliseconds. */
const LOOK_MS = 1000;
/** Longer than any wait for a worker. */
const DAY_MS = 24 * 3_600_000;

interface Pending {
  readonly seq: number;
  readonly limits: Limits;
  /** On the steady clock: a process that has not answered by then is ended. */
  readonly until: number;
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
  /** True when the first worker takes calls, false when the process ended before that. */
  readonly #ready = Promise.withResolvers<boolean>();
  /** Ends what waits for this process when it is gone. */
  readonly #gone = new AbortController();
  #watched = false;
  #calls = 0;
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
    void this.#ready.promise.then(() => started.abort());
    systemClock.sleep(START_MS, started.signal).then(
      () => this.kill(),
      () => undefined,
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** From the moment a call comes, also while it waits for the process to start or for a worker. */
  get busy(): boolean {
    return this.#calls > 0;
  }

  async call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    this.#calls++;
    try {
      return await this.#call(call, signal);
    } finally {
      this.#calls--;
    }
  }

  async #call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    if (!(await this.#ready.promise)) {
      this.kill();
      return lostCall('RUNNER_LOST', 'the process that runs plugins did not start');
    }
    while (this.#free.length === 0 && !this.dead && !signal.aborted) await this.#someFree(signal);
    if (signal.aborted) {
      if (this.#free.length > 0) this.#waiting.shift()?.(); // who waits next takes the turn
      return lostCall('CANCELLED', 'the call did not start');
    }
    const channel = this.#free.shift();
    if (channel === undefined || this.dead) return lostCall('RUNNER_LOST', 'the call did not start');
    const { promise, resolve: finish } = Promise.withResolvers<CallReport>();
    const until = steadyMillis() + call.limits.wall_ms + START_MS;
    channel.pending = { seq: this.#seq++, limits: call.limits, until, finish };
    const cancel = (): void => this.#giveUp(channel, 'CANCELLED', 'the caller gave up');
    signal.addEventListener('abort', cancel);
    try {
      this.#send(channel, call, channel.pending.seq);
      this.#watch();
      channel.lane.expectOutput();
    } catch (cause) {
      // No memory for the input, say. The worker may be waiting for the rest of it, so that nothing else can be told to it.
      this.#giveUp(channel, 'RUNNER_LOST', `the call could not be handed over: ${String(cause)}`);
    }
    const report = await promise;
    signal.removeEventListener('abort', cancel);
    return report;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#die();
  }

  #giveUp({ pending }: Channel, code: CallFailure, message: string): void {
    pending?.finish(lostCall(code, message));
    this.kill();
  }

  /** Looks every second while calls run, which costs a call nothing; also keeps our own process alive for them. */
  #watch(): void {
    if (this.#watched || this.#channels.every(({ pending }) => pending === null)) return;
    this.#watched = true;
    const look = (): void => {
      this.#watched = false;
      const late = this.#channels.find(({ pending }) => pending !== null && pending.until < steadyMillis());
      if (late !== undefined) this.#giveUp(late, 'RUNNER_LOST', 'the process that runs plugins does not answer');
      this.#watch();
    };
    systemClock.sleep(LOOK_MS, this.#gone.signal).then(look, () => undefined);
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
    const { kind, memory, instrumentedDigest: digest } = module;
    if (!loaded.has(digest)) {
      const [oldest] = loaded;
      if (oldest !== undefined && loaded.size >= MOST_MODULES) {
        loaded.delete(oldest);
        write({ type: 'forget', digest: oldest });
      }
      loaded.add(digest);
      write({ type: 'module', digest, kind, memory }, module.bytes);
    }
    const inputFollows = input.length > LONG;
    const call: WireCall = { ...rest, root: this.#root, seq, digest, inputLength: input.length, inputFollows };
    if (!inputFollows) lane.writeInput(input);
    write({ type: 'call', ...call });
    if (!inputFollows) return;
    lane.writeInput(input);
    control.write(SIGNAL);
  }

  #receive(channel: Channel, { head }: Frame): void {
    if (head['type'] === 'ready') {
      channel.loaded.clear(); // a new worker, which has nothing
      this.#release(channel);
      this.#ready.resolve(true);
      return;
    }
    const { pending, lane } = channel;
    if (head['type'] === undefined) return lane.readAhead();
    const replaced = head['replaced'] === true;
    if (replaced) this.#withdraw(channel);
    if (pending === null || (head['seq'] !== pending.seq && !replaced)) return;
    // Ended for the call before this one, which was sent to it in that very moment.
    const other = head['seq'] !== pending.seq && head['seq'] !== 0;
    // The cast is bounded: a confined process can lie about its own call only, and callers treat reports as data.
    const report = head['report'] as WireReport;
    if (other) pending.finish(lostCall('RUNNER_LOST', 'the worker was just being replaced'));
    else pending.finish(withOutput(lane, report, pending.limits));
    channel.pending = null; // not before: what cannot be read ends the process, and with it the call
    lane.trim();
    if (!replaced) this.#release(channel);
  }

  /** Waits for a turn, or until the caller gives up. Also keeps our own process alive while a worker is being replaced. */
  async #someFree(signal: AbortSignal): Promise<void> {
    const { promise: turn, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const over = new AbortController();
    this.#waiting.push(wake);
    signal.addEventListener('abort', wake);
    systemClock.sleep(DAY_MS, over.signal).then(wake, () => undefined);
    await turn;
    over.abort();
    signal.removeEventListener('abort', wake);
    const at = this.#waiting.indexOf(wake);
    if (at >= 0) this.#waiting.splice(at, 1);
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
    this.#gone.abort();
    this.#ready.resolve(false);
    for (const { lane, control, pending } of this.#channels) {
      lane.close();
      control.destroy();
      pending?.finish(lostCall('RUNNER_LOST', 'the process that ran the plugin ended'));
    }
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

function withOutput(lane: Lane, report: WireReport, { output_bytes: most }: Limits): CallReport {
  if (!report.ok) return report;
  if (report.outputLength > most) return lostCall('OUTPUT_QUOTA', 'more output than agreed');
  return { ...report, output: lane.readOutput(report.outputLength) };
}
