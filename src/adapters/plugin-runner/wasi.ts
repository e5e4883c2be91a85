import { WASI_SIGNATURES } from '#domain/plugin-wasi.ts';
import type { CallState } from './call-state.ts';
import { bareObject, type HostFunctions } from './imports.ts';
import type { VirtualWorld } from './virtual-world.ts';

/** Error numbers of WASI preview 1. */
const ERRNO = Object.freeze({ ok: 0, badf: 8, inval: 28, nosys: 52, spipe: 70, notcapable: 76 });
const NANOS_PER_MILLI = 1_000_000n;

/** Thrown by `proc_exit`. */
export class GuestExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/**
 * WASI preview 1 without an operating system behind it: standard input is the call's input, standard output its output,
 * the clock is virtual, randomness is seeded; every path is answered ENOTCAPABLE.
 */
export function denyAllWasi(
  state: CallState,
  world: VirtualWorld,
  input: () => Uint8Array,
  output: OutputBytes,
): HostFunctions {
  const special = new Map([...streams(state, input, output), ...surroundings(state, world)]);
  const functions: HostFunctions = bareObject();
  for (const name of WASI_SIGNATURES.keys()) {
    const refusal = name.startsWith('path_') ? ERRNO.notcapable : name.startsWith('fd_') ? ERRNO.badf : ERRNO.nosys;
    const implementation = special.get(name) ?? (() => refusal);
    functions[name] = (...args) => {
      state.enter();
      return implementation(...args);
    };
  }
  return functions;
}

function streams(state: CallState, input: () => Uint8Array, output: OutputBytes): [string, HostFunctions[string]][] {
  let consumed = 0;
  let all: Uint8Array | null = null;
  const buffers = (list: number, count: number): Uint8Array[] => {
    if (count >>> 0 > 1024) state.stop('ABI_RANGE', `${count >>> 0} buffers in one call`);
    const table = words(state, list, (count >>> 0) * 2);
    return Array.from({ length: count >>> 0 }, (_, i) =>
      state.view(table.getUint32(i * 8, true), table.getUint32(i * 8 + 4, true)),
    );
  };
  const read = (fd: number, list: number, count: number, done: number): number => {
    if (fd !== 0) return ERRNO.badf;
    all ??= input();
    let copied = 0;
    for (const buffer of buffers(list, count)) {
      const piece = all.subarray(consumed, consumed + buffer.length);
      buffer.set(piece);
      consumed += piece.length;
      copied += piece.length;
    }
    words(state, done, 1).setUint32(0, copied, true);
    return ERRNO.ok;
  };
  const write = (fd: number, list: number, count: number, done: number): number => {
    if (fd !== 1 && fd !== 2) return ERRNO.badf;
    let written = 0;
    for (const buffer of buffers(list, count)) {
      if (fd === 1) output.add(buffer);
      else state.write(new TextDecoder().decode(buffer));
      written += buffer.length;
    }
    words(state, done, 1).setUint32(0, written, true);
    return ERRNO.ok;
  };
  const describe = (fd: number, at: number): number => {
    if (fd >>> 0 > 2) return ERRNO.badf;
    const stat = state.view(at, 24).fill(0);
    stat[0] = 2; // character device
    stat[8] = fd === 0 ? 2 : 64; // the right to read, the right to write
    return ERRNO.ok;
  };
  return [
    ['fd_read', read],
    ['fd_write', write],
    ['fd_fdstat_get', describe],
    ['fd_close', (fd: number) => (fd >>> 0 > 2 ? ERRNO.badf : ERRNO.ok)],
    ['fd_seek', (fd: number) => (fd >>> 0 > 2 ? ERRNO.badf : ERRNO.spipe)],
  ];
}

function surroundings(state: CallState, world: VirtualWorld): [string, HostFunctions[string]][] {
  const none = (count: number, size: number): number => {
    words(state, count, 1).setUint32(0, 0, true);
    words(state, size, 1).setUint32(0, 0, true);
    return ERRNO.ok;
  };
  const time = (at: number, nanos: bigint): number => {
    words(state, at, 2).setBigUint64(0, nanos, true);
    return ERRNO.ok;
  };
  const chance = (at: number, length: number): number => {
    state.view(at, length).set(world.bytes(length >>> 0));
    return ERRNO.ok;
  };
  const exit = (status: number): never => {
    throw new GuestExit(status);
  };
  return [
    ['args_sizes_get', none],
    ['environ_sizes_get', none],
    ['args_get', () => ERRNO.ok],
    ['environ_get', () => ERRNO.ok],
    ['sched_yield', () => ERRNO.ok],
    ['clock_res_get', (_clock: number, at: number) => time(at, NANOS_PER_MILLI)],
    [
      'clock_time_get',
      (_clock: number, _precision: bigint, at: number) => time(at, BigInt(world.now()) * NANOS_PER_MILLI),
    ],
    ['random_get', chance],
    ['proc_exit', exit],
  ];
}

function words(state: CallState, pointer: number, count: number): DataView {
  const view = state.view(pointer, count * 4);
  return new DataView(view.buffer, view.byteOffset, view.byteLength);
}

/** Collects output and ends the instance where it passes its bound. */
export class OutputBytes {
  readonly #state: CallState;
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;

  constructor(state: CallState) {
    this.#state = state;
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#state.limits.output_bytes)
      this.#state.stop('OUTPUT_QUOTA', `more than ${this.#state.limits.output_bytes} bytes of output`);
    if (length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      wider.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = wider;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
