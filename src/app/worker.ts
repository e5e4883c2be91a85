import { appendEvent, changeTask, findStopOrder, findTask } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Task, TaskState } from '#domain/task.ts';
import { JournalError, type Run, type RunRecord } from '#journal/index.ts';
import type { ClaimedJob } from '#qos/index.ts';
import { conduct } from './conductor.ts';
import type { Ending } from './tasks/ending.ts';
import type { House } from './house.ts';
import { Housekeeping } from './upkeep/housekeeping.ts';
import { Post } from './upkeep/post.ts';
import { SYSTEM } from './governance/principals.ts';
import { GaveWay, putBack } from './qos/give-way.ts';
import { JobMeter } from './qos/job-meter.ts';
import { countStart } from './qos/starts.ts';
import { roadOf } from './tasks/road-of.ts';
import { closeCancelled } from './steps/close.ts';

/** Longest pause between two looks at an empty queue. */
const IDLE_MS = 200;
const LOOK_MS = 1000;
/** States in which a worker has something to do. */
const GOING: readonly TaskState[] = ['queued', 'running'];

/** Takes jobs off the queue and walks each down its road, `slots` at a time. Any number of processes may do so at once. */
export class Worker {
  readonly #house: House;
  readonly #slots: number;
  readonly #housekeeping: Housekeeping;

  constructor(house: House, slots: number) {
    this.#house = house;
    this.#slots = slots;
    this.#housekeeping = new Housekeeping(house);
  }

  /**
   * Works until the signal aborts; running work is then given up where it stands and goes on later, here or elsewhere.
   * Drained, it ends by itself when what runs is done.
   */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    const post = new Post(this.#house, this.#slots);
    const beside = [this.#housekeeping.run(until), post.keep(until)];
    try {
      await Promise.all(Array.from({ length: this.#slots }, () => this.#slot(post, signal)));
    } finally {
      ended.abort();
      await Promise.all(beside);
    }
    this.#house.log.log('debug', 'worker stopped');
  }

  async #slot(post: Post, signal: AbortSignal): Promise<void> {
    const { clock } = this.#house;
    while (!signal.aborted && !post.left.aborted) {
      const job = post.takes ? await this.#claim() : undefined;
      if (job === undefined) {
        await clock.sleep(IDLE_MS, AbortSignal.any([signal, post.left])).catch(() => undefined);
        continue;
      }
      post.running++;
      await this.#serve(job, signal).finally(() => post.running--);
    }
  }

  async #claim(): Promise<ClaimedJob | undefined> {
    const { queue, worker, leaseMs, log } = this.#house;
    try {
      return await queue.claim({ owner: worker.owner, leaseMs });
    } catch (error) {
      log.log('warn', 'the queue does not answer', { error: String(error) });
      return undefined; // as if it were empty: it is asked again after the pause
    }
  }

  async #serve(job: ClaimedJob, signal: AbortSignal): Promise<void> {
    const { queue, clock, log } = this.#house;
    const meter = new JobMeter(this.#house, job);
    const ended = new AbortController();
    const pulse = this.#pulse(job, meter, ended.signal);
    try {
      const over = await this.#conduct(job, signal);
      const cost = await meter.cost();
      await (over ? queue.settle(job, cost) : queue.requeue(job, cost));
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.log('error', 'a run broke off', { task: job.id, error: text });
      // Another worker may hold it by now; if not, it goes on from its last step after a pause.
      await clock.sleep(1000, signal).catch(() => undefined);
      await meter
        .cost()
        .then((cost) => queue.requeue(job, cost))
        .catch(() => false);
    } finally {
      ended.abort();
      await pulse;
    }
  }

  /** While a job runs: its claim is renewed, and what it has used so far is charged, so that the next pick knows. */
  async #pulse(job: ClaimedJob, meter: JobMeter, ended: AbortSignal): Promise<void> {
    const { queue, clock, leaseMs } = this.#house;
    let renewedAt = clock.now();
    for (;;) {
      await clock.sleep(Math.min(LOOK_MS, leaseMs / 3), ended).catch(() => undefined);
      if (ended.aborted) return;
      await meter
        .cost()
        .then((cost) => queue.charge(job, cost))
        .catch(() => false);
      if (clock.now() - renewedAt < leaseMs / 3) continue;
      renewedAt = clock.now();
      await queue.renew(job, leaseMs).catch(() => false);
    }
  }

  /** True when the job is over; false when it has to wait for its turn again. */
  async #conduct(job: ClaimedJob, signal: AbortSignal): Promise<boolean> {
    const { store, journal, worker, leaseMs } = this.#house;
    const task = await findTask(store.truth, job.tenant, job.id);
    if (task === undefined || !GOING.includes(task.state)) return true;
    if ((await findStopOrder(store.truth, task.tenant)) !== undefined) {
      await this.#house.clock.sleep(LOOK_MS, signal).catch(() => undefined);
      return false;
    }
    const cancelled = new AbortController();
    const stop = AbortSignal.any([signal, cancelled.signal]);
    const asked = { tenant: task.tenant, task: task.id, owner: worker.owner, leaseMs, signal: stop };
    const run = await journal.open({ ...asked, begin: (tx, record) => this.#started(tx, record, task) });
    if (run === undefined) {
      if (await this.#over(task)) return true;
      await this.#house.clock.sleep(LOOK_MS, signal).catch(() => undefined); // its former worker's lease has not passed yet
      return false;
    }
    await using held = run;
    await using _watch = this.#whileRunning(task, cancelled);
    try {
      const ending = await this.#walk(held, { ...task, state: 'running' });
      return ending.kind !== 'again';
    } catch (error) {
      if (await this.#cancelled(task)) {
        await closeCancelled(await roadOf(this.#house, held, task));
        return true;
      }
      const gaveWay = await this.#gaveWay(error, cancelled.signal, task);
      if (gaveWay !== undefined) return (await putBack(this.#house, held, task, gaveWay)) !== 'queued';
      if (signal.aborted) {
        await this.#interrupted(held, task);
        return false;
      }
      if (error instanceof JournalError && error.code === 'FENCED') return true; // another worker has it
      throw error;
    }
  }

  /** The run was to leave its slot: at a step boundary, or in the middle of a step because everything is stopped. */
  async #gaveWay(error: unknown, stopped: AbortSignal, task: Task): Promise<GaveWay | undefined> {
    if (error instanceof GaveWay) return error;
    const stop = stopped.aborted ? await findStopOrder(this.#house.store.truth, task.tenant) : undefined;
    return stop && new GaveWay(stop);
  }

  async #walk(run: Run, task: Task): Promise<Ending> {
    return conduct(await roadOf(this.#house, run, task));
  }

  async #cancelled(task: Task): Promise<boolean> {
    return (await findTask(this.#house.store.truth, task.tenant, task.id))?.state === 'cancelled';
  }

  /** True when the task has ended, and its job is over with it. */
  async #over(task: Task): Promise<boolean> {
    const now = await findTask(this.#house.store.truth, task.tenant, task.id);
    return now === undefined || !GOING.includes(now.state);
  }

  /** In the transaction that gives the hold on the run: false when the task has ended meanwhile. */
  async #started(tx: Tx, run: RunRecord, { tenant, id }: Task): Promise<boolean> {
    const { clock, worker } = this.#house;
    const task = await findTask(tx, tenant, id);
    if (task === undefined || !GOING.includes(task.state)) return false;
    if (task.state === 'queued') await changeTask(tx, { tenant, id, from: 'queued', to: 'running', reasons: [] });
    await countStart(tx, this.#house, task);
    const data = { worker: worker.owner, epoch: run.epoch };
    await appendEvent(tx, clock.now(), { type: 'task.started', tenant, task: id, run: run.id, by: SYSTEM, data });
    return true;
  }

  /** Looks now and then whether the task was cancelled or everything of its tenant stopped, and stops the run then. */
  #whileRunning(task: Task, cancelled: AbortController): AsyncDisposable {
    const { clock, log } = this.#house;
    const over = new AbortController();
    const look = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await clock.sleep(LOOK_MS, over.signal).catch(() => undefined);
        if (over.signal.aborted) return;
        await this.#stopUnwanted(task, cancelled).catch((error: unknown) => {
          log.log('warn', 'could not look whether a task is still wanted', { task: task.id, error: String(error) });
        });
      }
    };
    const watching = look();
    return {
      [Symbol.asyncDispose]: async () => {
        over.abort();
        await watching;
      },
    };
  }

  async #stopUnwanted(task: Task, cancelled: AbortController): Promise<void> {
    if (await this.#cancelled(task)) cancelled.abort(new Error('the task was cancelled'));
    const stop = await findStopOrder(this.#house.store.truth, task.tenant);
    if (stop !== undefined) cancelled.abort(new GaveWay(stop));
  }

  /** The worker was told to stop: the task goes back to the queue and loses nothing. */
  async #interrupted(run: Run, task: Task): Promise<void> {
    await run.write(async (tx) => {
      await changeTask(tx, {
        tenant: task.tenant,
        id: task.id,
        from: 'running',
        to: 'queued',
        reasons: [],
        run: run.record,
      });
    });
  }
}
