import { WASI_SIGNATURES } from '#domain/plugin-wasi.ts';
import type { CallState } from './call-state.ts';
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

type HostFunction = (...args: never[]) => unknown;

/**
 * WASI preview 1 without an operating system behind it: standard input is the call's input, standard output its output,
 * the clock is virtual, randomness is seeded; every path is answered ENOTCAPABLE.
 */
export function denyAllWasi(state: CallState, world: VirtualWorld, input: Uint8Array, output: OutputBytes) {
  let consumed = 0;
  const words = (pointer: number, count: number): DataView => {
    const view = state.view(pointer, count * 4);
    return new DataView(view.buffer, view.byteOffset, view.byteLength);
  };
  const set32 = (pointer: number, value: number): void => words(pointer, 1).setUint32(0, value, true);
  const parts = (list: number, count: number): Uint8Array[] => {
    if (count >>> 0 > 1024) state.stop('ABI_RANGE', `${count >>> 0} buffers in one call`);
    const table = words(list, (count >>> 0) * 2);
    return Array.from({ length: count >>> 0 }, (_, i) =>
      state.view(table.getUint32(i * 8, true), table.getUint32(i * 8 + 4, true)),
    );
  };
  const special: { readonly [name: string]: HostFunction } = {
    fd_read: (fd: number, list: number, count: number, done: number) => {
      if (fd !== 0) return ERRNO.badf;
      let copied = 0;
      for (const part of parts(list, count)) {
        const piece = input.subarray(consumed, consumed + part.length);
        part.set(piece);
        consumed += piece.length;
        copied += piece.length;
      }
      set32(done, copied);
      return ERRNO.ok;
    },
    fd_write: (fd: number, list: number, count: number, done: number) => {
      if (fd !== 1 && fd !== 2) return ERRNO.badf;
      let written = 0;
      for (const part of parts(list, count)) {
        if (fd === 1) output.add(part);
        else state.write(new TextDecoder().decode(part));
        written += part.length;
      }
      set32(done, written);
      return ERRNO.ok;
    },
    fd_fdstat_get: (fd: number, at: number) => {
      if (fd >>> 0 > 2) return ERRNO.badf;
      const stat = state.view(at, 24).fill(0);
      stat[0] = 2; // character device
      stat[8] = fd === 0 ? 2 : 64; // the right to read, the right to write
      return ERRNO.ok;
    },
    fd_close: (fd: number) => (fd >>> 0 > 2 ? ERRNO.badf : ERRNO.ok),
    fd_seek: (fd: number) => (fd >>> 0 > 2 ? ERRNO.badf : ERRNO.spipe),
    fd_prestat_get: () => ERRNO.badf,
    fd_prestat_dir_name: () => ERRNO.badf,
    args_sizes_get: (count: number, size: number) => (set32(count, 0), set32(size, 0), ERRNO.ok),
    environ_sizes_get: (count: number, size: number) => (set32(count, 0), set32(size, 0), ERRNO.ok),
    args_get: () => ERRNO.ok,
    environ_get: () => ERRNO.ok,
    sched_yield: () => ERRNO.ok,
    clock_res_get: (_clock: number, at: number) => {
      const view = state.view(at, 8);
      new DataView(view.buffer, view.byteOffset).setBigUint64(0, NANOS_PER_MILLI, true);
      return ERRNO.ok;
    },
    clock_time_get: (_clock: number, _precision: bigint, at: number) => {
      const view = state.view(at, 8);
      new DataView(view.buffer, view.byteOffset).setBigUint64(0, BigInt(world.now()) * NANOS_PER_MILLI, true);
      return ERRNO.ok;
    },
    random_get: (at: number, length: number) => {
      state.view(at, length).set(world.bytes(length >>> 0));
      return ERRNO.ok;
    },
    proc_exit: (status: number) => {
      throw new GuestExit(status);
    },
  };
  const functions = Object.create(null) as { [name: string]: HostFunction };
  for (const name of WASI_SIGNATURES.keys()) {
    const refusal = name.startsWith('path_') ? ERRNO.notcapable : name.startsWith('fd_') ? ERRNO.badf : ERRNO.nosys;
    functions[name] = Object.hasOwn(special, name) ? (special[name] as HostFunction) : () => refusal;
  }
  return functions;
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
