import { StringDecoder } from 'node:string_decoder';
import type { Dispatcher } from 'undici';
import type { Stop, UpstreamAnswer } from '#gateway/ports.ts';

/** Bytes that wait for a slow reader before the provider is made to wait. */
const AHEAD = 64 * 1024;

type Controller = Dispatcher.DispatchController;
type Received = { readonly [name: string]: string | string[] | undefined };

/** One answer as it comes in: its head, then its body, whole or in pieces. Whatever breaks is told as the given fault. */
export class Answer implements UpstreamAnswer, Dispatcher.DispatchHandler {
  status = 0;
  headers: UpstreamAnswer['headers'] = {};
  readonly begun: Promise<Answer>;
  readonly #stop: Stop;
  readonly #faultOf: (cause: unknown) => Error;
  readonly #begin: (answer: Answer) => void;
  readonly #fail: (fault: Error) => void;
  readonly #abort = (reason: Error): void => this.#end(reason);
  #controller: Controller | undefined;
  #parts: Buffer[] = [];
  #ahead = 0;
  #whole = false;
  #over = false;
  #fault: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(options: { stop: Stop; faultOf: (cause: unknown) => Error }) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.begun = promise;
    this.#begin = resolve;
    this.#fail = reject;
    this.#stop = options.stop;
    this.#faultOf = options.faultOf;
    this.#stop.on(this.#abort);
  }

  async text(): Promise<string> {
    this.#whole = true;
    this.#controller?.resume();
    while (!this.#over) await this.#more();
    if (this.#fault !== undefined) throw this.#fault;
    const [only] = this.#parts;
    return (this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts)).toString('utf8');
  }

  async *chunks(): AsyncGenerator<string> {
    const decoder = new StringDecoder('utf8'); // keeps letters whole that come in two pieces
    try {
      for (;;) {
        const parts = this.#parts;
        this.#parts = [];
        this.#ahead = 0;
        this.#controller?.resume();
        if (parts.length > 0) yield parts.map((part) => decoder.write(part)).join('');
        else if (this.#fault !== undefined) throw this.#fault;
        else if (this.#over) return;
        else await this.#more();
      }
    } finally {
      if (!this.#over) this.#end(new Error('the answer was left early'));
    }
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#fault !== undefined) controller.abort(this.#fault);
  }

  onResponseStart(_controller: Controller, status: number, headers: Received): void {
    if (status < 200) return; // an interim answer
    this.status = status;
    this.headers = flat(headers);
    this.#begin(this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#ahead += chunk.length;
    if (this.#whole) return;
    if (this.#ahead > AHEAD) controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#over = true;
    this.#stop.off(this.#abort);
    this.#wake();
  }

  onResponseError(_controller: Controller | null, cause: Error): void {
    this.#over = true;
    this.#stop.off(this.#abort);
    this.#fault ??= this.#faultOf(cause);
    this.#fail(this.#fault);
    this.#wake();
  }

  /** Before it was sent, it never will be. */
  #end(reason: Error): void {
    this.#fault ??= this.#faultOf(reason);
    if (this.#controller === undefined) this.#fail(this.#fault);
    else this.#controller.abort(reason);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

function flat(headers: Received): { readonly [name: string]: string } {
  const out: { [name: string]: string } = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return out;
}
