import type { CallFailure, CallMeters, PluginCall } from '#plugins/ports.ts';

/** What crosses the process border of a call: the input lies in its lane. `seq` tells calls of a lane apart. */
export interface WireCall extends Omit<PluginCall, 'module' | 'input'> {
  readonly seq: number;
  /** Digest of the instrumented module, which was sent before. */
  readonly digest: string;
  readonly inputLength: number;
  /** True when the input is still being written: a signal says when all of it is there. */
  readonly inputFollows: boolean;
}

/** What comes back: the output lies in the lane. */
export type WireReport = CallMeters &
  (
    | { readonly ok: true; readonly outputLength: number }
    | { readonly ok: false; readonly code: CallFailure; readonly message: string }
  );

/** Descriptors of a lane in the child, after the three standard streams: control, input, output. */
export function laneFds(lane: number): { readonly control: number; readonly input: number; readonly output: number } {
  return { control: 3 + 3 * lane, input: 4 + 3 * lane, output: 5 + 3 * lane };
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly lane: number;
  /** Memory of the `Watch` that it shares with its supervisor. */
  readonly watch: SharedArrayBuffer;
}

export function lostCall(
  code: CallFailure,
  message: string,
): CallMeters & { ok: false; code: CallFailure; message: string } {
  const nothing = { fuel: 0, wallMs: 0, memoryBytes: 0, hostCalls: 0, bytesRead: 0, refusals: [], log: [] };
  return { ...nothing, ok: false, code, message };
}
