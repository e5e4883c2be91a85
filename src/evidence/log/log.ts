import type { Clock } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import type { LogEntry, LogHead, LogStore, Signer } from '../ports.ts';
import { EvidenceError } from '../errors.ts';
import { publicKeyFromPem } from '../public-key.ts';
import { type Checkpoint, openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { consistencyRanges, type LeafRange, subtreesOf } from './consistency.ts';
import { foldSubtrees, grow, pathOfLast, rootOf } from './frontier.ts';
import { leafHash } from './hash.ts';
import { type LogKey, logKey } from './log-key.ts';

/** An entry and the proof that it is the last one of the log that its checkpoint describes. */
export interface Appended {
  readonly entry: LogEntry;
  /** Root of the log of `entry.index + 1` entries, hex. */
  readonly root: string;
  readonly path: readonly string[];
}

/** An append-only Merkle log with one signed checkpoint for each entry. One append costs O(log n), whatever the size. */
export class TransparencyLog {
  readonly key: LogKey;
  readonly #store: LogStore;
  readonly #signer: Signer;
  readonly #clock: Clock;

  /** The signer holds the log's own Ed25519 key, which signs nothing else. */
  constructor(parts: { store: LogStore; signer: Signer; clock: Clock }) {
    this.#store = parts.store;
    this.#signer = parts.signer;
    this.#clock = parts.clock;
    this.key = logKey(publicKeyFromPem(parts.signer.publicKeyPem));
  }

  /** Nobody else appends before the transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await this.#store.lock(tx);
  }

  /** Idempotent by leaf: a body that is in the log already gives its entry and proof as they were. */
  async append(tx: Tx, body: string): Promise<Appended> {
    const before = await this.#store.lock(tx);
    const leaf = leafHash(body);
    const known = await this.#store.find(tx, leaf);
    if (known !== undefined) {
      const then = { size: known.index, frontier: await this.#hashes(tx, { from: 0, to: known.index }) };
      return { entry: known, root: rootOf(grow(then, leaf).head), path: pathOfLast(then) };
    }
    const { head, nodes } = grow(before, leaf);
    const root = rootOf(head);
    const { origin } = this.key;
    const checkpoint = await signCheckpoint({ origin, size: head.size, root }, this.key, this.#signer);
    const entry = { index: before.size, leafHash: leaf, body, checkpoint, at: this.#clock.now() };
    await this.#store.append(tx, { entry, nodes, head });
    return { entry, root, path: pathOfLast(before) };
  }

  /** The signed checkpoint of the whole log; undefined while it is empty. */
  async checkpoint(tx: Tx): Promise<string | undefined> {
    const { size } = await this.#store.head(tx);
    const [last] = await this.#store.entries(tx, size - 1, size);
    return last?.checkpoint;
  }

  /**
   * Proves to whoever holds this checkpoint that the log still begins like that (RFC 6962 section 2.1.2), hashes in hex.
   * Throws CHECKPOINT_UNKNOWN when it does not.
   */
  async consistency(
    tx: Tx,
    earlierNote: string,
  ): Promise<{ readonly size: number; readonly hashes: readonly string[] }> {
    const earlier = openCheckpoint(earlierNote, this.key);
    const { size } = await this.#store.head(tx);
    if (earlier === undefined || earlier.size > size || !(await this.#hadRoot(tx, earlier))) {
      throw new EvidenceError('CHECKPOINT_UNKNOWN', 'this checkpoint is not one of the log', { size });
    }
    const hashes: string[] = [];
    for (const range of consistencyRanges(earlier.size, size)) {
      // The cast is true: no range of a proof is empty.
      hashes.push(foldSubtrees(await this.#hashes(tx, range)) as string);
    }
    return { size: earlier.size, hashes };
  }

  async #hadRoot(tx: Tx, earlier: Checkpoint): Promise<boolean> {
    const then: LogHead = { size: earlier.size, frontier: await this.#hashes(tx, { from: 0, to: earlier.size }) };
    return rootOf(then) === earlier.root;
  }

  async #hashes(tx: Tx, range: LeafRange): Promise<readonly string[]> {
    const hashes: string[] = [];
    for (const id of subtreesOf(range)) {
      const hash = await this.#store.node(tx, id);
      if (hash === undefined) throw new Error(`subtree ${id.index} of level ${id.level} is missing from the log`);
      hashes.push(hash);
    }
    return hashes;
  }
}
