import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Sql, SqlValue } from '#kernel/sql.ts';

/** Its values are stored as they are, never sealed. Written twice it must be the same as once. */
export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** A group as the thread gets it, and what comes back. */
export type GroupMessage = { readonly id: number; readonly statements: readonly Statement[] };
export type GroupAnswer = { readonly id: number; readonly failed: boolean };

/** Fewer statements are written sooner than a thread is asked. */
const WORTH_A_THREAD = 4;

/**
 * Writes statements that came together in one transaction each time, which survives the death of the process. Large
 * groups are written by a thread with a connection of its own, so that the disk makes nobody wait who serves requests.
 */
export class Groups implements AsyncDisposable {
  readonly #sql: Sql;
  readonly #path: string | undefined;
  readonly #waiting = new Map<number, (answer: GroupAnswer) => void>();
  #thread: Worker | undefined;
  #count = 0;

  /** `path`: file of the database; without one there is no thread. */
  constructor(sql: Sql, path?: string) {
    this.#sql = sql;
    this.#path = path;
  }

  async commit(statements: readonly Statement[]): Promise<void> {
    if (this.#path !== undefined && statements.length >= WORTH_A_THREAD) {
      const { failed } = await this.#ask(this.#path, statements);
      if (!failed) return;
      // It did nothing, or died before it could say so; here the fault gets its name, or a full disk its reserve.
    }
    const [only] = statements;
    if (statements.length === 1 && only !== undefined) await this.#sql.run(only.text, ...only.values);
    else
      await this.#sql.tx(async (tx) => {
        for (const { text, values } of statements) await tx.run(text, ...values);
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    thread.ref();
    thread.postMessage('close');
    await once(thread, 'exit');
  }

  #ask(path: string, statements: readonly Statement[]): Promise<GroupAnswer> {
    const thread = (this.#thread ??= this.#start(path));
    const id = ++this.#count;
    thread.ref(); // the process stays while a group is written, and not for the thread's own sake
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      thread.postMessage({ id, statements } satisfies GroupMessage);
    });
  }

  #start(path: string): Worker {
    const thread = new Worker(new URL(`./groups-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: path,
    });
    thread.unref();
    thread.on('message', (answer: GroupAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) thread.unref();
    });
    const ended = (): void => {
      if (this.#thread === thread) this.#thread = undefined;
      for (const [id, resolve] of this.#waiting) resolve({ id, failed: true });
      this.#waiting.clear();
    };
    thread.on('error', ended);
    thread.on('exit', ended);
    return thread;
  }
}
