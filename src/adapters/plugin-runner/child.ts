import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '#kernel/clock.ts';
import type { AdmittedModule, CallFailure } from '#plugins/ports.ts';
import { encodeFrame, type Frame, frameReader } from './frames.ts';
import { lostCall, READY, STARTED, type WireCall, type WireReport, type WorkerJob } from './worker-job.ts';

/** One worker thread. */
interface Slot {
  readonly worker: Worker;
  /** Resolves when the thread takes jobs; time before that is not the guest's. */
  readonly ready: Promise<void>;
  /** Called when the guest of the running call begins. */
  begin: () => void;
  /** Takes the report of the call that runs. */
  finish: (report: WireReport) => void;
}

interface LoadedModule {
  readonly kind: AdmittedModule['kind'];
  readonly module: WebAssembly.Module;
}

/** The confined process: compiles modules, hands calls to worker threads and ends those that pass their deadline. */
function supervise(workers: number): void {
  const modules = new Map<string, Promise<LoadedModule>>();
  const slots: Slot[] = Array.from({ length: workers }, openSlot);

  const call = async ({ head }: Frame): Promise<void> => {
    // The cast is true: frames come from our own parent, whose type this is.
    const { id, digest, call: request } = head as unknown as { id: number; digest: string; call: WireCall };
    const loaded = await modules.get(digest);
    const slot = slots[request.lane];
    if (loaded === undefined || slot === undefined) throw new Error('no such module or lane');
    await slot.ready;
    const report = await runOn(slot, { ...loaded, call: request });
    if (!report.ok && REPLACE.has(report.code)) {
      if (report.code === 'DEADLINE') send({ type: 'late', id });
      await endWorker(slot.worker); // first, so that nothing of it writes into the lane any more
      slots[request.lane] = openSlot();
    }
    send({ type: 'report', id, report });
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
  void Promise.all(slots.map(({ ready }) => ready)).then(() => send({ type: 'ready' }));
}

async function load(digest: string, kind: AdmittedModule['kind'], bytes: Uint8Array): Promise<LoadedModule> {
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw new Error('module and digest differ');
  return { kind, module: await WebAssembly.compile(bytes) };
}

function openSlot(): Slot {
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
  });
  const { promise: ready, resolve: becameReady } = Promise.withResolvers<void>();
  const slot: Slot = { worker, ready, begin: () => undefined, finish: () => undefined };
  worker.on('message', (message: WireReport | typeof READY | typeof STARTED) => {
    if (message === STARTED) return slot.begin();
    if (message === READY) return becameReady();
    slot.finish(message);
  });
  worker.on('error', (error: unknown) => {
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    slot.finish(lostCall(outOfMemory ? 'MEMORY' : 'RUNNER_LOST', String(error)));
  });
  worker.on('exit', () => slot.finish(lostCall('RUNNER_LOST', 'the worker ended')));
  return slot;
}

/** The worker's report, or why there is none. Deadline and `wallMs` count from the moment when the guest begins. */
async function runOn(slot: Slot, job: WorkerJob): Promise<WireReport> {
  const over = new AbortController();
  const { limits } = job.call;
  let started = systemClock.now();
  const report = await new Promise<WireReport>((resolve) => {
    slot.finish = resolve;
    slot.begin = () => {
      started = systemClock.now();
      systemClock.sleep(limits.wall_ms, over.signal).then(
        () => resolve(lostCall('DEADLINE', `longer than ${limits.wall_ms} ms`)),
        () => undefined,
      );
    };
    slot.worker.postMessage(job);
  });
  over.abort();
  slot.finish = () => undefined;
  slot.begin = () => undefined;
  return { ...report, wallMs: systemClock.now() - started };
}

/** A worker that is deep in native code cannot be ended alone: then the process ends, which no code survives. */
async function endWorker(worker: Worker): Promise<void> {
  const over = new AbortController();
  const late = systemClock.sleep(GRACE_MS, over.signal).then(
    () => process.kill(process.pid, 'SIGKILL'),
    () => undefined,
  );
  await Promise.race([worker.terminate(), late]);
  over.abort();
}

/** After the deadline a worker has this long to end, in milliseconds. */
const GRACE_MS = 25;

/** After these the worker may be in any state, so the next call gets another. */
const REPLACE: ReadonlySet<CallFailure> = new Set(['DEADLINE', 'MEMORY', 'RUNNER_LOST']);

function send(head: Frame['head']): void {
  for (const part of encodeFrame(head)) process.stdout.write(part);
}

supervise(Number(process.argv[2] ?? 1));
