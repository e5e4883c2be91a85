import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import type { Clock } from '#kernel/clock.ts';
import type { SandboxResult, SandboxTalk } from '#domain/sandbox.ts';
import { type CappedOutput, capOutput } from './capped-output.ts';
import { SANDBOX_ERRORS, SandboxError } from './errors.ts';
import type { Mark } from './mark.ts';
import { cpuOfFamily } from './proc.ts';
import { whenQuiet } from './quiet.ts';
import { endTree } from './tree.ts';

/** A program inside its walls. `argv` is the whole list: walls first, then `metered(...)` of the program. */
export interface WalledCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly mark: Mark;
  readonly stdin: string;
  readonly talk?: (talk: SandboxTalk) => void;
  readonly wallMs: number;
  readonly quietMs?: number | undefined;
  readonly outputBytes: number;
  readonly keeps?: 'beginning' | 'end' | undefined;
  /** Texts that the walls read on file descriptors 4, 5, ... */
  readonly data: readonly string[];
  readonly heard?: ((text: string) => void) | undefined;
}

// How long the last output may take to arrive once every process that was found is gone.
const LATE_OUTPUT_MS = 2000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

// A fixed text: the program and its arguments arrive as `$@`. Descriptor 3 tells the host that the walls stand and,
// at the end, the processor time of all that was waited for; the program itself never holds it.
const METER = `printf 'started\\n' >&3; (exec "$@") 3>&-; code=$?; times >&3; exit "$code"`;

/** Puts the meter before a program, so that start, processor time and exit code are known. */
export function metered(argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', METER, 'meter', ...argv];
}

/** Runs until the program ends, its time is over or the signal is aborted; then its whole tree is ended. */
export async function runWalled(command: WalledCommand, clock: Clock, signal: AbortSignal): Promise<SandboxResult> {
  const startedAt = clock.now();
  if (signal.aborted) return notBegun();
  const child = start(command);
  const meter = capOutput(pipe(child, 3), 4096);
  const { outputBytes, keeps } = command;
  const stdout = command.talk === undefined ? capOutput(pipe(child, 1), outputBytes, keeps) : NOTHING;
  const stderr = capOutput(pipe(child, 2), outputBytes, keeps);
  if (command.heard !== undefined) tell(child, command.heard);
  if (command.talk === undefined) feed(child, 0, command.stdin);
  else command.talk(talkWith(child));
  command.data.forEach((text, index) => feed(child, 4 + index, text));

  const exited = new Promise<Ended>((resolve) => {
    child.on('exit', (code, by) => resolve({ why: 'exit', code: code ?? signalCode(by) }));
    child.on('error', (fault) => resolve({ why: 'fault', code: null, fault }));
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const ended = await firstOf(exited, { command, child, clock }, signal);
  if (ended.why === 'fault') throw notStarted(command, String(ended.fault), ended.fault);

  const stopped = ended.why !== 'exit';
  const sampledMs = stopped ? await cpuOfFamily(child.pid ?? 0) : 0;
  await endTree({ leader: child.pid ?? 0, mark: command.mark }, clock);
  const late = new AbortController();
  // A timer that nobody waits for any more would keep the process from ending.
  await Promise.race([closed, clock.sleep(LATE_OUTPUT_MS, late.signal).catch(() => undefined)]);
  late.abort();
  for (const stream of child.stdio) stream?.destroy();
  const wallMs = clock.now() - startedAt;
  const said = meter.text();
  if (!said.startsWith('started') && !stopped) throw notStarted(command, stderr.text().trim());

  const bySignal = !stopped && isSignalCode(ended.code);
  return {
    exitCode: stopped || bySignal ? null : ended.code,
    endedBy: bySignal ? 'signal' : ended.why,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated || stderr.truncated,
    wallMs,
    cpuMs: stopped ? sampledMs : readTimes(said),
  };
}

interface Ended {
  readonly why: 'exit' | 'timeout' | 'abort' | 'fault';
  readonly code: number | null;
  readonly fault?: Error;
}

function notBegun(): SandboxResult {
  return { exitCode: null, endedBy: 'abort', stdout: '', stderr: '', truncated: false, wallMs: 0, cpuMs: 0 };
}

function start(command: WalledCommand): ChildProcess {
  const [program = '', ...rest] = command.argv;
  return spawn(program, rest, {
    cwd: command.cwd,
    env: command.env,
    // Its own session and process group, so that what stays in them can be found.
    detached: true,
    stdio: Array.from({ length: 4 + command.data.length }, () => 'pipe' as const),
  });
}

function pipe(child: ChildProcess, descriptor: 1 | 2 | 3): Readable {
  // The cast is true: `start` made a pipe of each descriptor, and the child writes to these.
  return child.stdio[descriptor] as Readable;
}

const NOTHING: CappedOutput = { truncated: false, text: () => '' };

function talkWith(child: ChildProcess): SandboxTalk {
  // The cast is true: `start` made a pipe of each descriptor, and the child reads from this one.
  const input = child.stdio[0] as Writable;
  input.on('error', () => undefined);
  // The cast is true: a pipe takes bytes.
  return {
    input: Writable.toWeb(input) as SandboxTalk['input'],
    output: Readable.toWeb(pipe(child, 1)),
  };
}

function tell(child: ChildProcess, heard: (text: string) => void): void {
  for (const descriptor of [1, 2] as const) {
    pipe(child, descriptor).on('data', (chunk: Buffer) => heard(chunk.toString('utf8')));
  }
}

function feed(child: ChildProcess, descriptor: number, text: string): void {
  // The cast is true: `start` made a pipe of each descriptor, and the child reads from these.
  const stream = child.stdio[descriptor] as Writable;
  // A program may end without reading its input.
  stream.on('error', () => undefined);
  stream.end(text);
}

async function firstOf(
  exited: Promise<Ended>,
  { command, child, clock }: { command: WalledCommand; child: ChildProcess; clock: Clock },
  signal: AbortSignal,
): Promise<Ended> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const limited = clock.sleep(Math.min(command.wallMs, LONGEST_TIMER_MS), both).then(
    (): Ended => ({ why: 'timeout', code: null }),
    (): Ended => ({ why: 'abort', code: null }),
  );
  const ended = await Promise.race([exited, limited, hung(command, child, clock, both)]);
  over.abort();
  return ended;
}

/** Ends when the program shows no sign of life any more, if it has to show any. */
function hung(command: WalledCommand, child: ChildProcess, clock: Clock, over: AbortSignal): Promise<Ended> {
  const { quietMs } = command;
  if (quietMs === undefined || command.talk !== undefined) return new Promise(() => undefined);
  let printedAt = clock.now();
  tell(child, () => (printedAt = clock.now()));
  const program = { pid: child.pid ?? 0, printedAt: () => printedAt };
  return whenQuiet(program, quietMs, clock, over).then(
    (): Ended => ({ why: 'timeout', code: null }),
    () => new Promise<Ended>(() => undefined),
  );
}

/** The convention of shells: 128 plus the number of the signal. */
function signalCode(name: string | null): number {
  return name === 'SIGKILL' ? 137 : 143;
}

function isSignalCode(code: number | null): boolean {
  return code !== null && code > 128 && code <= 128 + 31;
}

/** The second line of POSIX `times`: user and system time of all children that were waited for. */
function readTimes(said: string): number {
  const line = said.trim().split('\n')[2] ?? '';
  const parts = [...line.matchAll(/(\d+)m(\d+(?:[.,]\d+)?)s/g)];
  const seconds = parts.reduce((sum, part) => sum + Number(part[1]) * 60 + Number(part[2]?.replace(',', '.')), 0);
  return Math.round(seconds * 1000);
}

function notStarted(command: WalledCommand, words: string, cause?: unknown): SandboxError {
  return new SandboxError({
    code: 'SANDBOX_NOT_STARTED',
    message: `the sandbox did not start: ${words || 'it said nothing'}`,
    cure: SANDBOX_ERRORS.SANDBOX_NOT_STARTED.cure,
    details: { program: command.argv[0] ?? '' },
    cause,
  });
}
