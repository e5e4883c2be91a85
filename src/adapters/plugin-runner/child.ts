import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { steadyMillis, systemClock } from '#kernel/clock.ts';
import type { CallFailure } from '#plugins/ports.ts';
import { writeFrame } from './blocking-frames.ts';
import { type RunningCall, Watch } from './watch.ts';
import { laneFds, lostCall, type WorkerStart } from './wire.ts';

/** A worker that was told to stop has this long to end, in milliseconds. */
const GRACE_MS = 250;
/** A deadline that lies nearer than this is waited for without another look. */
const SOONEST_MS = 1;

/** The confined process: one worker thread for each lane, ended and replaced when its guest passes the deadline. */
for (let lane = 0; lane < Number(process.argv[2] ?? 1); lane++) supervise(lane);
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.resume();

function supervise(lane: number): void {
  const watch = new Watch();
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    env: {},
    workerData: { lane, watch: watch.memory } satisfies WorkerStart,
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
  });
  let waiting = new AbortController();
  let ended = false;
  /**
   * Ends the worker, answers its call for it, and starts another on the lane. The answer does not wait for the thread:
   * a guest that was told to stop makes no further turn of a loop, it only has to be scheduled once more to be gone.
   */
  const end = async (code: CallFailure, message: string): Promise<void> => {
    if (ended) return;
    ended = true;
    waiting.abort();
    const call = watch.lookAt(0) ?? NO_CALL;
    const gone = endWorker(worker);
    const wallMs = steadyMillis() - call.began;
    const report = { ...lostCall(code, message), wallMs };
    const { control } = laneFds(lane);
    writeFrame(control, { type: 'report', seq: call.seq, replaced: true, report });
    await gone;
    supervise(lane);
  };
  /** Looks at the running call: ends it when its time is over, else waits until then. */
  const look = (): void => {
    const now = steadyMillis();
    const call = watch.lookAt(0);
    if (call === null || ended) return;
    if (call.until <= now) return void end('DEADLINE', `longer than ${call.until - call.began} ms`);
    watch.lookAt(call.until);
    waiting.abort();
    waiting = new AbortController();
    systemClock.sleep(Math.max(SOONEST_MS, call.until - now), waiting.signal).then(look, () => undefined);
  };
  worker.on('message', look);
  worker.on('error', (error: unknown) => {
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    void end(outOfMemory ? 'MEMORY' : 'RUNNER_LOST', String(error));
  });
  worker.on('exit', () => void end('RUNNER_LOST', 'the worker ended'));
}

const NO_CALL: RunningCall = { seq: 0, began: steadyMillis(), until: 0 };

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
