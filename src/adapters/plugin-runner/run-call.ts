import { FUEL_EXPORT, MEMORY_IMPORT } from '#domain/plugin-abi.ts';
import type { AdmittedModule, CallFailure, CallMeters, CallReport, PluginCall } from '#plugins/ports.ts';
import { CallState, GuestStopped } from './call-state.ts';
import type { Engines, HostFunctions } from './imports.ts';
import { bareObject, hostImports } from './imports.ts';
import { VirtualWorld } from './virtual-world.ts';
import { denyAllWasi, GuestExit, OutputBytes } from './wasi.ts';

const WASI = 'wasi_snapshot_preview1';

/** The call's input where it lies: copied straight into the guest's memory, or taken as a whole. */
export interface Input {
  readonly length: number;
  copyInto(bytes: Uint8Array): void;
  bytes(): Uint8Array;
}

/** A module that was compiled once, and the namespaces that it imports from. */
export interface LoadedModule {
  readonly kind: AdmittedModule['kind'];
  readonly module: WebAssembly.Module;
  readonly imports: ReadonlySet<string>;
}

type Offered = { [namespace: string]: HostFunctions | { readonly [name: string]: WebAssembly.Memory } };

/** One call on a fresh instance: nothing of an earlier call is left, nothing of this one remains. `wallMs` is filled by the caller. */
export function runCall(
  { module, kind, imports }: LoadedModule,
  call: Omit<PluginCall, 'module' | 'input'>,
  input: Input,
  memory: () => WebAssembly.Memory,
  open: (state: CallState) => Engines,
): CallReport {
  const state = new CallState(call.limits);
  const engines = open(state);
  const output = new OutputBytes(state);
  let counters: readonly WebAssembly.Global[] = [];
  try {
    const world = new VirtualWorld(call);
    const offered: Offered = hostImports(call, imports, state, engines, world);
    const given = bareObject<WebAssembly.Memory>();
    given[MEMORY_IMPORT.name] = memory();
    offered[MEMORY_IMPORT.module] = given;
    if (imports.has(WASI)) offered[WASI] = denyAllWasi(state, world, () => input.bytes(), output);
    const guest = openInstance(new WebAssembly.Instance(module, offered), state);
    counters = guest.counters;
    guest.call('_initialize');
    const bytes = kind === 'abi-1' ? runReactor(guest, state, input) : runCommand(guest, output);
    if (state.failure !== null) return { ...meters(state, counters), ok: false, ...state.failure };
    return { ...meters(state, counters), ok: true, output: bytes };
  } catch (error) {
    return { ...meters(state, counters), ok: false, ...explain(error, state) };
  } finally {
    engines.files?.close();
  }
}

interface Guest {
  readonly counters: readonly WebAssembly.Global[];
  /** Undefined when there is no such export. */
  call(name: string, ...args: readonly number[]): unknown;
}

function openInstance(instance: WebAssembly.Instance, state: CallState): Guest {
  const { memory, [FUEL_EXPORT]: fuel } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || !(fuel instanceof WebAssembly.Global))
    throw new GuestResult('memory or fuel is not exported');
  state.attach(memory, fuel);
  const counters: WebAssembly.Global[] = [];
  for (let i = 0; ; i++) {
    const counter = instance.exports[`${FUEL_EXPORT}:${i}`];
    if (!(counter instanceof WebAssembly.Global)) break;
    counters.push(counter);
  }
  return {
    counters,
    call: (name, ...args) => {
      const target = instance.exports[name];
      return isFunction(target) ? target(...args) : undefined;
    },
  };
}

function isFunction(value: unknown): value is (...args: readonly number[]) => unknown {
  return typeof value === 'function';
}

function runReactor(guest: Guest, state: CallState, input: Input): Uint8Array {
  const at = Number(guest.call('alloc', input.length)) >>> 0;
  input.copyInto(state.view(at, input.length));
  const packed = guest.call('run', at, input.length);
  if (typeof packed !== 'bigint') throw new GuestResult('run gave no i64');
  const length = Number(BigInt.asUintN(32, packed));
  if (length > state.limits.output_bytes) state.stop('OUTPUT_QUOTA', `${length} bytes of output`);
  return state.view(Number(BigInt.asUintN(32, packed >> 32n)), length);
}

function runCommand(guest: Guest, output: OutputBytes): Uint8Array {
  try {
    guest.call('_start');
  } catch (error) {
    if (!(error instanceof GuestExit) || error.status !== 0) throw error;
  }
  return output.take();
}

class GuestResult extends Error {}

function explain(error: unknown, state: CallState): { code: CallFailure; message: string } {
  if (state.failure !== null) return state.failure;
  if (state.fuelLeft < 0) return { code: 'FUEL', message: `more than ${state.limits.fuel} fuel` };
  const message = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
  if (error instanceof GuestExit) return { code: 'EXIT', message };
  if (error instanceof GuestResult) return { code: 'ABI_RESULT', message };
  if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return { code: 'LINK_DENY', message };
  if (error instanceof RangeError) return { code: /call stack/i.test(message) ? 'STACK' : 'MEMORY', message };
  return { code: error instanceof GuestStopped ? 'ABI_RANGE' : 'TRAP', message };
}

function meters(state: CallState, counters: readonly WebAssembly.Global[]): CallMeters {
  return {
    fuel: Math.min(state.limits.fuel, state.limits.fuel - state.fuelLeft),
    wallMs: 0,
    memoryBytes: state.memoryBytes,
    hostCalls: state.hostCalls,
    bytesRead: state.bytesRead,
    refusals: state.refusals,
    log: state.log,
    ...(counters.length > 0 ? { profile: counters.map((counter) => Number(counter.value)) } : {}),
  };
}
