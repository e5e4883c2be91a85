import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Event } from '#domain/event.ts';
import type { DecisionId, TaskId, TenantId } from '#domain/ids.ts';

/** Holds one private key. Signatures are over the bytes as given (DSSE's pre-authentication encoding is made by the caller). */
export interface Signer {
  readonly algorithm: 'ed25519' | 'ecdsa-p256-sha256';
  /** SHA-256 hex of the public key's DER (SubjectPublicKeyInfo). */
  readonly keyId: string;
  readonly publicKeyPem: string;
  /** Raw 64 bytes for Ed25519, DER for P-256. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A complete subtree of the log: the leaves from `index * 2^level` on, `2^level` of them. Level 0 are the leaves. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

export interface LogNode extends NodeId {
  /** RFC 6962 hash, hex. */
  readonly hash: string;
}

/** The log in O(log n) words: its size and the roots of its complete subtrees, largest first, hex. */
export interface LogHead {
  readonly size: number;
  readonly frontier: readonly string[];
}

export interface LogEntry {
  readonly index: number;
  /** RFC 6962 leaf hash of `body`, hex. */
  readonly leafHash: string;
  /** The bytes that were hashed, as text: digests and a signature, never what was signed. */
  readonly body: string;
  /** The signed checkpoint of the log of `index + 1` entries. */
  readonly checkpoint: string;
  readonly at: Millis;
}

/** Storage of the transparency log: append-only rows, numbered from 0 without gaps, inside the caller's transaction. */
export interface LogStore {
  head(tx: Tx): Promise<LogHead>;
  /** The head, and nobody else appends before this transaction ends. */
  lock(tx: Tx): Promise<LogHead>;
  append(tx: Tx, grown: { entry: LogEntry; nodes: readonly LogNode[]; head: LogHead }): Promise<void>;
  find(tx: Tx, leafHash: string): Promise<LogEntry | undefined>;
  /** From `from` (inclusive) to `to` (exclusive), in order; rows that are missing are left out. */
  entries(tx: Tx, from: number, to: number): Promise<readonly LogEntry[]>;
  /** Hash of a complete subtree; undefined when there is none. */
  node(tx: Tx, id: NodeId): Promise<string | undefined>;
}

/** The evidence of one end of a task: `attempt` is 1 for the first end and rises by one each time the task is retried. */
export interface Dossier {
  readonly task: TaskId;
  readonly attempt: number;
}

/** A statement in its Sigstore bundle, as kept in one dossier. */
export interface StoredStatement extends Dossier {
  /** Unique in the dossier; the name of its file without `.sigstore.json`. */
  readonly name: string;
  /** SHA-256 hex of the DSSE payload. */
  readonly digest: string;
  readonly predicateType: string;
  /** Index in the log. */
  readonly leaf: number;
  /** Sigstore bundle v0.3, JSON text. */
  readonly bundle: string;
}

export interface StatementStore {
  /** Natural key (task, attempt, name). */
  put(tx: Tx, statement: StoredStatement): Promise<void>;
  find(tx: Tx, dossier: Dossier, name: string): Promise<StoredStatement | undefined>;
  /** In the order of the log. */
  ofDossier(tx: Tx, dossier: Dossier): Promise<readonly StoredStatement[]>;
  /** Number of the task's last dossier; 0 when it has none. */
  lastAttempt(tx: Tx, task: TaskId): Promise<number>;
  /** Leaf index and digest of every statement whose leaf is in [from, to), in order. */
  leaves(tx: Tx, from: number, to: number): Promise<readonly { readonly leaf: number; readonly bundle: string }[]>;
}

/** One event in the audit chain. */
export interface AuditLink {
  /** Number of the event. */
  readonly seq: number;
  /** Commitment to the event's data: SHA-256 hex of salt and canonical JSON. Without the salt it says nothing about the data. */
  readonly content: string;
  /** Random, hex; undefined once the tenant was erased. */
  readonly salt?: string;
  /** SHA-256 hex over the previous hash and everything of the event, its data by `content`. */
  readonly hash: string;
}

/** A link with whose event it covers. */
export interface NewAuditLink extends AuditLink {
  readonly tenant: TenantId;
}

/** A recorded decision as the chain sees it: its digest covers every column. */
export interface DecisionDigest {
  readonly id: DecisionId;
  readonly tenant: TenantId;
  readonly digest: string;
}

/** The rows that are audited, inside the caller's transaction. */
export interface AuditStore {
  last(tx: Tx): Promise<AuditLink | undefined>;
  put(tx: Tx, links: readonly NewAuditLink[]): Promise<void>;
  /** Links with a number above `after`, in order, at most `limit`. */
  links(tx: Tx, after: number, limit: number): Promise<readonly AuditLink[]>;
  /** Events of every tenant with a number above `after`, in order, at most `limit`. */
  events(tx: Tx, after: number, limit: number): Promise<readonly Event[]>;
  /** When the event of this number happened; undefined when it is not there. */
  timeOf(tx: Tx, seq: number): Promise<Millis | undefined>;
  /** Number of the first event that has to stay: the first of a task that has not ended, or the last one of all, from which numbers go on. */
  firstHeld(tx: Tx): Promise<number | undefined>;
  /**
   * Drops the events up to this number with the decisions that they tell of, and their links but the last. Gives how many
   * events, and the erasures that they told of.
   */
  drop(
    tx: Tx,
    to: number,
  ): Promise<{
    readonly events: number;
    readonly erased: readonly { readonly tenant: TenantId; readonly leaves: number[] }[];
  }>;
  /** The digest of every decision on record, in order of tenant and id. */
  decisions(tx: Tx): Promise<readonly DecisionDigest[]>;
}

/** Files of one exported dossier by name: flat, no folders. */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

/** Folders of evidence on disk. */
export interface EvidenceFolders {
  /** Appears as a whole or not at all; replaces an earlier export, refuses a folder that holds anything else. */
  write(dir: string, files: FolderFiles): Promise<void>;
  /** Every file of the folder; throws when it cannot be read or holds links or folders. */
  read(dir: string): Promise<FolderFiles>;
}
