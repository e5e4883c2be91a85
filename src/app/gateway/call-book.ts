import { addModelCall, changeModelCallEnded } from '#adapters/sql/index.ts';
import type { CallBook, EndedCall, OpenCall } from '#gateway/index.ts';
import { nextTurn } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Sql, Tx } from '#kernel/sql.ts';

interface Entry {
  write(tx: Tx): Promise<unknown>;
  done(): void;
  failed(cause: unknown): void;
}

/**
 * The record of calls, written in groups (group commit, as databases do it): what came in together goes into one
 * transaction. A commit survives the death of this process; the holds that pay for the calls survive power loss.
 */
export class SqlCallBook implements CallBook {
  readonly #sql: Sql;
  readonly #log: Log;
  #waiting: Entry[] = [];
  #writing = false;

  constructor(sql: Sql, log: Log) {
    this.#sql = sql;
    this.#log = log;
  }

  open(call: OpenCall): Promise<void> {
    return this.#write((tx) => addModelCall(tx, call));
  }

  end(call: EndedCall): void {
    this.#write((tx) => changeModelCallEnded(tx, call)).catch((error: unknown) => {
      // The call stays open on record, and is settled at its bound once this process has gone.
      this.#log.log('error', 'the end of a call could not be recorded', { call: call.id, error: String(error) });
    });
  }

  async written(): Promise<void> {
    // Written in order, so what was told before is on record when this is.
    await this.#write(() => Promise.resolve());
  }

  #write(write: Entry['write']): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ write, done, failed });
      if (!this.#writing) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      await nextTurn();
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#commit(group);
        for (const entry of group) entry.done();
      } catch (cause) {
        for (const entry of group) entry.failed(cause);
      }
    }
    this.#writing = false;
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    const [only] = group;
    // One statement needs no transaction around it.
    if (group.length === 1 && only !== undefined) await only.write(this.#sql);
    else
      await this.#sql.tx(async (tx) => {
        await Promise.all(group.map((entry) => entry.write(tx)));
      });
  }
}
