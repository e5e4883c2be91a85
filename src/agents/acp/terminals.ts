import type {
  CreateTerminalRequest,
  TerminalOutputResponse,
  WaitForTerminalExitResponse,
} from '@agentclientprotocol/sdk';
import type { SandboxCommand, SandboxResult } from '#domain/sandbox.ts';
import type { RunContext } from '../runner.ts';
import { insidePath } from './paths.ts';

const MOST_OPEN = 32;
const MOST_BYTES = 1024 * 1024;

interface Terminal {
  readonly stop: AbortController;
  readonly ended: Promise<SandboxResult>;
  /** Bytes kept, from the end. */
  readonly limit: number;
  output: Buffer;
  truncated: boolean;
  result: SandboxResult | undefined;
}

/** Commands that an agent has its client run: each in the sandbox, in the workspace of the run, with the agent's home. */
export class Terminals implements AsyncDisposable {
  readonly #context: RunContext;
  readonly #home: string;
  readonly #root: string;
  readonly #open = new Map<string, Terminal>();
  #count = 0;

  constructor(context: RunContext, place: { readonly home: string; readonly root: string }) {
    this.#context = context;
    this.#home = place.home;
    this.#root = place.root;
  }

  /** Its id. Throws a RangeError that the agent is told. */
  create(request: CreateTerminalRequest): string {
    if (this.#open.size >= MOST_OPEN) throw new RangeError(`at most ${MOST_OPEN} terminals may be open`);
    const folder = insidePath(request.cwd ?? this.#root, this.#root);
    if (folder === undefined) throw new RangeError(`${request.cwd} is outside the workspace`);
    const id = `term-${++this.#count}`;
    const stop = new AbortController();
    const limit = Math.min(request.outputByteLimit ?? MOST_BYTES, MOST_BYTES);
    const signal = AbortSignal.any([stop.signal, this.#context.signal]);
    const terminal: Terminal = {
      stop,
      limit,
      output: Buffer.alloc(0),
      truncated: false,
      result: undefined,
      ended: this.#context.sandbox.run(
        this.#command(request, folder, (bytes) => keep(terminal, bytes)),
        signal,
      ),
    };
    // Who waits for its end is told of a fault; the terminal itself must not bring the worker down.
    terminal.ended.then((result) => (terminal.result = result)).catch(() => undefined);
    this.#open.set(id, terminal);
    return id;
  }

  output(id: string): TerminalOutputResponse {
    const { output, truncated, result } = this.#of(id);
    const text = new TextDecoder().decode(output);
    return { output: text, truncated, ...(result === undefined ? {} : { exitStatus: statusOf(result) }) };
  }

  async wait(id: string): Promise<WaitForTerminalExitResponse> {
    return statusOf(await this.#of(id).ended);
  }

  kill(id: string): void {
    this.#of(id).stop.abort();
  }

  async release(id: string): Promise<void> {
    const terminal = this.#of(id);
    this.#open.delete(id);
    terminal.stop.abort();
    await terminal.ended.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.release(id)));
  }

  #of(id: string): Terminal {
    const terminal = this.#open.get(id);
    if (terminal === undefined) throw new RangeError(`there is no terminal ${id}`);
    return terminal;
  }

  #command(request: CreateTerminalRequest, folder: string, keepBytes: (bytes: Uint8Array) => void): SandboxCommand {
    const { ordinal, workspace, environment, limits } = this.#context;
    const args = request.args ?? [];
    // Agents send a program with arguments, or one line that they mean for a shell; it runs inside the walls either way.
    const argv = args.length === 0 ? ['/bin/sh', '-c', request.command] : [request.command, ...args];
    return {
      ordinal,
      // Both streams in the order in which they were written. A fixed text: the program arrives as `$@`.
      argv: ['/bin/sh', '-c', 'cd -- "$0" && exec "$@" 2>&1', folder, ...argv],
      workspace: workspace.dir,
      environment,
      readOnly: [],
      env: Object.fromEntries((request.env ?? []).map(({ name, value }) => [name, value])),
      home: this.#home,
      limits,
      talk: ({ input, output }) => {
        input.close().catch(() => undefined);
        readAll(output, keepBytes).catch(() => undefined);
      },
    };
  }
}

async function readAll(stream: ReadableStream<Uint8Array>, keepBytes: (bytes: Uint8Array) => void): Promise<void> {
  for await (const bytes of stream) keepBytes(bytes);
}

function keep(terminal: Terminal, bytes: Uint8Array): void {
  const all = Buffer.concat([terminal.output, bytes]);
  terminal.truncated ||= all.length > terminal.limit;
  terminal.output = all.subarray(Math.max(0, all.length - terminal.limit));
}

function statusOf({ exitCode, endedBy }: SandboxResult): WaitForTerminalExitResponse {
  return { exitCode, signal: exitCode === null ? (endedBy === 'timeout' ? 'SIGXCPU' : 'SIGKILL') : null };
}
