import type { AdmittedModule, CallFailure, CallMeters, PluginCall } from '#plugins/ports.ts';

/** What crosses the process border of a call: the input lies in its lane. */
export interface WireCall extends Omit<PluginCall, 'module' | 'input'> {
  readonly inputLength: number;
  readonly lane: number;
}

/** What comes back: the output lies in the lane. */
export type WireReport = CallMeters &
  (
    | { readonly ok: true; readonly outputLength: number }
    | { readonly ok: false; readonly code: CallFailure; readonly message: string }
  );

/** What the supervisor posts to a worker; the compiled code of the module is shared, not copied. */
export interface WorkerJob {
  readonly kind: AdmittedModule['kind'];
  readonly module: WebAssembly.Module;
  readonly call: WireCall;
}

/** Descriptors of a lane in the child: input and output after the three standard streams. */
export function laneFds(lane: number): { readonly input: number; readonly output: number } {
  return { input: 3 + 2 * lane, output: 4 + 2 * lane };
}

/** What a worker posts once, when it takes jobs. */
export const READY = 'ready';
/** What a worker posts when the guest is about to run: all that came before was the host's time. */
export const STARTED = 'started';

export function lostCall(
  code: CallFailure,
  message: string,
): CallMeters & { ok: false; code: CallFailure; message: string } {
  const nothing = { fuel: 0, wallMs: 0, memoryBytes: 0, hostCalls: 0, bytesRead: 0, refusals: [], log: [] };
  return { ...nothing, ok: false, code, message };
}
