import type { Sql, Tx } from '#kernel/sql.ts';
import { readBundle } from '../bundle.ts';
import type { LogEntry, LogHead, LogStore, StatementStore } from '../ports.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { EMPTY_HEAD, grow, rootOf } from './frontier.ts';
import { leafHash } from './hash.ts';
import type { LogKey } from './log-key.ts';

const PAGE = 500;

/** What can be wrong with the stored log, each with what it means. */
export const LOG_FAILURES = Object.freeze({
  ENTRY_MISSING: 'An entry that once was in the log is not there',
  ENTRY_EDITED: 'The entry is not what its hash says',
  ROOT_MISMATCH: 'The entries so far are not those of the signed checkpoint: one was exchanged, moved or removed',
  CHECKPOINT_UNSIGNED: 'The checkpoint is not signed by the log',
  SUBTREE_WRONG: 'A stored subtree or head is not that of the entries',
  STATEMENT_MISSING: 'The log holds an entry whose statement is not there',
  STATEMENT_UNLOGGED: 'A stored statement is not the one that the log holds at its place',
  NOT_A_CONTINUATION: 'The log does not begin with what a checkpoint from outside says',
} as const satisfies { readonly [code: string]: string });

export interface LogFailure {
  readonly code: keyof typeof LOG_FAILURES;
  /** Index of the entry; the size, for what concerns the log as a whole. */
  readonly index: number;
  readonly why: string;
}

export interface LogAudit {
  readonly ok: boolean;
  /** Number of entries that were read. */
  readonly size: number;
  /** Their root, hex. */
  readonly root: string;
  readonly failures: readonly LogFailure[];
}

interface Parts {
  readonly store: LogStore;
  readonly statements: StatementStore;
  readonly key: LogKey;
  /** Leaves whose statements were emptied with their tenant; only their digests are left to compare. */
  readonly erased?: ReadonlySet<number>;
}

/**
 * Reads the whole log and computes it anew, O(n): every entry against its hash and its statement, every stored
 * checkpoint against the entries up to it, and checkpoints kept elsewhere against the past. Stops at the first entry
 * that is missing or does not fit its checkpoint, since all later ones follow from it. Others may go on writing.
 */
export async function auditLog(sql: Sql, parts: Parts, earlierNotes: readonly string[] = []): Promise<LogAudit> {
  const audit = new Audit(parts, earlierNotes);
  await audit.upTo(sql, await parts.store.head(sql));
  // Only what came meanwhile, and the end, need a moment in which nobody appends.
  const atEnd = await sql.tx(async (tx) => {
    const stored = await parts.store.lock(tx);
    await audit.upTo(tx, stored);
    return audit.end(tx, stored);
  });
  return audit.result(atEnd);
}

class Audit {
  #stopped = false;
  #head: LogHead = EMPTY_HEAD;
  readonly #parts: Parts;
  readonly #earlier: readonly Checkpoint[];
  readonly #failures: LogFailure[] = [];

  constructor(parts: Parts, earlierNotes: readonly string[]) {
    this.#parts = parts;
    const opened = earlierNotes.map((note) => openCheckpoint(note, parts.key));
    if (opened.includes(undefined)) this.#fail('CHECKPOINT_UNSIGNED', 0);
    this.#earlier = opened.filter((checkpoint) => checkpoint !== undefined);
  }

  /** Goes on from where it is to the given head. */
  async upTo(tx: Tx, stored: LogHead): Promise<void> {
    while (this.#head.size < stored.size && !this.#stopped) {
      await this.#page(tx, this.#head.size, Math.min(this.#head.size + PAGE, stored.size));
    }
  }

  async end(tx: Tx, stored: LogHead): Promise<readonly LogFailure[]> {
    if (this.#stopped) return [];
    const { store, statements } = this.#parts;
    const beyond = [
      ...(await store.entries(tx, stored.size, Number.MAX_SAFE_INTEGER)),
      ...(await statements.leaves(tx, stored.size, Number.MAX_SAFE_INTEGER)),
    ];
    const found: LogFailure['code'][] = [];
    if (stored.frontier.join() !== this.#head.frontier.join()) found.push('SUBTREE_WRONG');
    if (beyond.length > 0) found.push('ENTRY_MISSING');
    if (this.#earlier.some(({ size }) => size > stored.size)) found.push('NOT_A_CONTINUATION');
    return found.map((code) => failure(code, stored.size));
  }

  result(atEnd: readonly LogFailure[]): LogAudit {
    const failures = [...this.#failures, ...atEnd];
    return { ok: failures.length === 0, size: this.#head.size, root: rootOf(this.#head), failures };
  }

  async #page(tx: Tx, from: number, to: number): Promise<void> {
    const { store, statements } = this.#parts;
    const entries = new Map((await store.entries(tx, from, to)).map((entry) => [entry.index, entry]));
    const bundles = new Map((await statements.leaves(tx, from, to)).map(({ leaf, bundle }) => [leaf, bundle]));
    for (let index = from; index < to && !this.#stopped; index++) {
      const entry = entries.get(index);
      if (entry === undefined) this.#stop('ENTRY_MISSING', index);
      else await this.#entry(tx, entry, bundles.get(index));
    }
  }

  async #entry(tx: Tx, entry: LogEntry, bundle: string | undefined): Promise<void> {
    const { index, body } = entry;
    const { head, nodes } = grow(this.#head, leafHash(body));
    const signed = openCheckpoint(entry.checkpoint, this.#parts.key);
    if (leafHash(body) !== entry.leafHash) return this.#stop('ENTRY_EDITED', index);
    if (signed === undefined) return this.#stop('CHECKPOINT_UNSIGNED', index);
    if (signed.size !== head.size || signed.root !== rootOf(head)) return this.#stop('ROOT_MISMATCH', index);
    this.#head = head;
    for (const node of nodes) {
      if ((await this.#parts.store.node(tx, node)) !== node.hash) this.#fail('SUBTREE_WRONG', index);
    }
    const erased = bundle === '' && this.#parts.erased?.has(index) === true;
    if (bundle === undefined) this.#fail('STATEMENT_MISSING', index);
    else if (!erased && readBundle(bundle)?.body.toString('utf8') !== body) this.#fail('STATEMENT_UNLOGGED', index);
    const kept = this.#earlier.filter(({ size }) => size === head.size);
    if (kept.some(({ root }) => root !== signed.root)) this.#fail('NOT_A_CONTINUATION', head.size);
  }

  #stop(code: LogFailure['code'], index: number): void {
    this.#fail(code, index);
    this.#stopped = true;
  }

  #fail(code: LogFailure['code'], index: number): void {
    this.#failures.push(failure(code, index));
  }
}

function failure(code: LogFailure['code'], index: number): LogFailure {
  return { code, index, why: LOG_FAILURES[code] };
}
