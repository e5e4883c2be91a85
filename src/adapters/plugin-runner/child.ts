import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { systemClock } from '#kernel/clock.ts';
import type { AdmittedModule, CallFailure, CallReport, PluginCall } from '#plugins/ports.ts';
import { encodeFrame, type Frame, frameReader } from './frames.ts';
import type { WorkerJob } from './worker.ts';

/** One worker thread. */
interface Slot {
  readonly worker: Worker;
  busy: boolean;
  /** Takes the report of the call that runs. */
  finish: (report: CallReport) => void;
}

interface LoadedModule {
  readonly kind: AdmittedModule['kind'];
  readonly module: WebAssembly.Module;
}

/** The confined process: compiles modules, hands calls to worker threads and ends those that pass their deadline. */
function supervise(workers: number): void {
  const modules = new Map<string, Promise<LoadedModule>>();
  const slots: Slot[] = Array.from({ length: workers }, openSlot);

  const call = async ({ head, bytes }: Frame): Promise<void> => {
    // The cast is true: frames come from our own parent, whose type this is.
    const { id, digest, call: request } = head as unknown as { id: number; digest: string; call: PluginCall };
    const loaded = await modules.get(digest);
    const slot = slots.find((one) => !one.busy);
    if (loaded === undefined || slot === undefined) throw new Error('no module or no idle worker');
    slot.busy = true;
    const started = systemClock.now();
    const job: WorkerJob = { ...loaded, call: { ...request, input: bytes } };
    const report = await runOn(slot, job, bytes);
    slot.busy = false;
    if (!report.ok && REPLACE.has(report.code)) {
      void slot.worker.terminate();
      slots[slots.indexOf(slot)] = openSlot();
    }
    const { output, ...rest } = { output: undefined, ...report };
    send({ type: 'report', id, report: { ...rest, wallMs: systemClock.now() - started } }, output);
  };

  const read = frameReader((frame) => {
    if (frame.head['type'] === 'module') {
      // The cast is true: frames come from our own parent, whose type this is.
      const { digest, kind } = frame.head as unknown as { digest: string; kind: AdmittedModule['kind'] };
      modules.set(digest, load(digest, kind, frame.bytes));
    } else if (frame.head['type'] === 'forget') modules.delete(String(frame.head['digest']));
    else void call(frame);
  });
  process.stdin.on('data', read);
  process.stdin.on('end', () => process.exit(0));
  void Promise.all(slots.map(({ worker }) => new Promise((resolve) => worker.once('online', resolve)))).then(() =>
    send({ type: 'ready' }),
  );
}

async function load(digest: string, kind: AdmittedModule['kind'], bytes: Uint8Array): Promise<LoadedModule> {
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw new Error('module and digest differ');
  return { kind, module: await WebAssembly.compile(bytes) };
}

function openSlot(): Slot {
  const worker = new Worker(new URL(import.meta.url.replace('child.', 'worker.')), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
  });
  const slot: Slot = { worker, busy: false, finish: () => undefined };
  worker.on('message', (report: CallReport) => slot.finish(report));
  worker.on('error', (error: unknown) => {
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    slot.finish(lost(outOfMemory ? 'MEMORY' : 'RUNNER_LOST', String(error)));
  });
  worker.on('exit', () => slot.finish(lost('RUNNER_LOST', 'the worker ended')));
  return slot;
}

/** The worker's report, or why there is none. */
async function runOn(slot: Slot, job: WorkerJob, input: Uint8Array): Promise<CallReport> {
  const over = new AbortController();
  const limit = job.call.limits.wall_ms;
  const report = await new Promise<CallReport>((resolve) => {
    slot.finish = resolve;
    // The cast is true: the frame reader made the buffer.
    slot.worker.postMessage(job, [input.buffer as ArrayBuffer]);
    systemClock.sleep(limit, over.signal).then(
      () => resolve(lost('DEADLINE', `longer than ${limit} ms`)),
      () => undefined,
    );
  });
  over.abort();
  slot.finish = () => undefined;
  return report;
}

/** After these the worker may be in any state, so the next call gets another. */
const REPLACE: ReadonlySet<CallFailure> = new Set(['DEADLINE', 'MEMORY', 'RUNNER_LOST']);
const NOTHING = { fuel: 0, wallMs: 0, memoryBytes: 0, hostCalls: 0, bytesRead: 0, refusals: [], log: [] };

function lost(code: CallFailure, message: string): CallReport {
  return { ...NOTHING, ok: false, code, message };
}

function send(head: Frame['head'], bytes?: Uint8Array): void {
  for (const part of encodeFrame(head, bytes)) process.stdout.write(part);
}

supervise(Number(process.argv[2] ?? 1));
