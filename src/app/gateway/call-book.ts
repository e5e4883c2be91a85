import { type Groups, modelCallEnded, modelCallOpened, type Statement } from '#adapters/sql/index.ts';
import type { CallBook, EndedCall, OpenCall } from '#gateway/index.ts';
import { type Clock, nextTurn } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';

/** So long the end of a call may wait for company; the money is settled before. */
const END_WAITS_MS = 5;
/** Pauses before the end of a call that could not be recorded is written again. */
const AGAIN_MS = [100, 400, 1600];

interface Entry {
  readonly statement: Statement;
  done(): void;
  failed(cause: unknown): void;
}

/**
 * The record of calls, written in groups (group commit, as databases do it): what came in together goes into one
 * transaction, and ends of calls go with the next beginnings. A commit survives the death of this process; the holds
 * that pay for the calls survive power loss.
 */
export class SqlCallBook implements CallBook {
  readonly #groups: Pick<Groups, 'commit'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: Entry[] = [];
  /** Ends that are not on record yet; each tells whether it came there. */
  readonly #ends = new Set<Promise<boolean>>();
  #wanted = false;
  #writing = false;
  #later = false;

  constructor(parts: { groups: Pick<Groups, 'commit'>; clock: Clock; log: Log }) {
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
    const recorded = this.#recorded(call).finally(() => this.#ends.delete(recorded));
    this.#ends.add(recorded);
    if (this.#later) return;
    this.#later = true;
    void this.#clock.sleep(END_WAITS_MS).then(() => {
      this.#later = false;
      this.#write();
    });
  }

  async written(): Promise<boolean> {
    this.#write();
    return !(await Promise.all(this.#ends)).includes(false);
  }

  /** Groups fail as one, so the fault may be another's, and gone the next time. */
  async #recorded(call: EndedCall): Promise<boolean> {
    const statement = modelCallEnded(call);
    for (let tries = 0; ; tries++) {
      try {
        await this.#add(statement);
        return true;
      } catch (error) {
        const pause = AGAIN_MS[tries];
        if (pause === undefined) {
          // It stays open on record, though its money is settled; should this process die before its hold goes back, at its bound.
          this.#log.log('error', 'the end of a call could not be recorded', { call: call.id, error: String(error) });
          return false;
        }
        await this.#clock.sleep(pause);
        this.#write();
      }
    }
  }

  #add(statement: Statement): Promise<void> {
    return new Promise((done, failed) => this.#waiting.push({ statement, done, failed }));
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
        const statements = group.map(({ statement }) => statement);
        if (statements.length > 0) await this.#groups.commit(statements);
        for (const entry of group) entry.done();
      } catch (cause) {
        for (const entry of group) entry.failed(cause);
      }
    }
    this.#writing = false;
  }
}
