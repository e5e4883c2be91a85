import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '#kernel/clock.ts';
import type { CallFailure } from '#plugins/ports.ts';
import { writeFrame } from './blocking-frames.ts';
import { laneFds, lostCall, type WorkerNote } from './wire.ts';

/** After the deadline a worker has this long to end, in milliseconds. */
const GRACE_MS = 25;

/** The confined process: one worker thread for each lane, ended and replaced when its guest passes the deadline. */
for (let lane = 0; lane < Number(process.argv[2] ?? 1); lane++) supervise(lane);
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.resume();

function supervise(lane: number): void {
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    env: {},
    workerData: lane,
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
  });
  let seq = 0;
  let over = new AbortController();
  let ended = false;
  /** Ends the worker, answers its call for it, and starts another on the lane. */
  const end = async (code: CallFailure, message: string): Promise<void> => {
    if (ended) return;
    ended = true;
    over.abort();
    if (code === 'DEADLINE') writeFrame(laneFds(lane).control, { type: 'late', seq });
    await endWorker(worker);
    writeFrame(laneFds(lane).control, { type: 'report', seq, replaced: true, report: lostCall(code, message) });
    supervise(lane);
  };
  worker.on('message', (note: WorkerNote) => {
    over.abort();
    over = new AbortController();
    seq = note.seq;
    const { wallMs } = note;
    if (wallMs === null) return;
    systemClock.sleep(wallMs, over.signal).then(
      () => end('DEADLINE', `longer than ${wallMs} ms`),
      () => undefined,
    );
  });
  worker.on('error', (error: unknown) => {
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    void end(outOfMemory ? 'MEMORY' : 'RUNNER_LOST', String(error));
  });
  worker.on('exit', () => void end('RUNNER_LOST', 'the worker ended'));
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
