import { type Groups, modelCallEnded, modelCallOpened, type Statement } from '#adapters/sql/index.ts';
import type { CallBook, EndedCall, OpenCall } from '#gateway/index.ts';
import { type Clock, nextTurn } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';

/** So long the end of a call may wait for company; the money is settled before. */
const END_WAITS_MS = 5;

interface Entry {
  /** Absent for who only waits for what stands before. */
  readonly statement?: Statement;
  done(): void;
  failed(cause: unknown): void;
}

/**
 * The record of calls, written in groups (group commit, as databases do it): what came in together goes into one
 * transaction, and ends of calls go with the next beginnings. A commit survives the death of this process; the holds
 * that pay for the calls survive power loss.
 */
export class SqlCallBook implements CallBook {
  readonly #groups: Groups;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: Entry[] = [];
  #wanted = false;
  #writing = false;
  #later = false;

  constructor(parts: { groups: Groups; clock: Clock; log: Log }) {
    this.#groups = parts.groups;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  open(call: OpenCall): Promise<void> {
    const written = this.#add(modelCallOpened(call));
    this.#write();
    return written;
  }

  end(call: EndedCall): void {
    this.#add(modelCallEnded(call)).catch((error: unknown) => {
      // The call stays open on record, and is settled at its bound once this process has gone.
      this.#log.log('error', 'the end of a call could not be recorded', { call: call.id, error: String(error) });
    });
    if (this.#later) return;
    this.#later = true;
    void this.#clock.sleep(END_WAITS_MS).then(() => {
      this.#later = false;
      this.#write();
    });
  }

  async written(): Promise<void> {
    // Written in order, so what was told before is on record when this is.
    const written = this.#add();
    this.#write();
    await written;
  }

  #add(statement?: Statement): Promise<void> {
    return new Promise((done, failed) => this.#waiting.push({ ...(statement && { statement }), done, failed }));
  }

  #write(): void {
    this.#wanted = true;
    if (!this.#writing) void this.#flush();
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    while (this.#wanted) {
      await nextTurn();
      this.#wanted = false;
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const statements = group.flatMap(({ statement }) => statement ?? []);
        if (statements.length > 0) await this.#groups.commit(statements);
        for (const entry of group) entry.done();
      } catch (cause) {
        for (const entry of group) entry.failed(cause);
      }
    }
    this.#writing = false;
  }
}
