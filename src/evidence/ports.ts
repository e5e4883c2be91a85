import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** Holds one private key. Signatures are over the bytes as given (DSSE's pre-authentication encoding is made by the caller). */
export interface Signer {
  readonly algorithm: 'ed25519' | 'ecdsa-p256-sha256';
  /** SHA-256 hex of the public key's DER (SubjectPublicKeyInfo). */
  readonly keyId: string;
  readonly publicKeyPem: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface LogEntry {
  readonly index: number;
  /** RFC 6962 leaf hash, hex. */
  readonly leafHash: string;
  /** The bytes that were hashed, as text. */
  readonly body: string;
  readonly at: Millis;
}

/** Storage of the transparency log: append-only rows, numbered from 0 without gaps, inside the caller's transaction. */
export interface LogStore {
  /** Idempotent by leaf hash. */
  append(tx: Tx, leaf: Omit<LogEntry, 'index'>): Promise<LogEntry>;
  size(tx: Tx): Promise<number>;
  leafHashes(tx: Tx, from: number, to: number): Promise<readonly string[]>;
  entries(tx: Tx, from: number, to: number): Promise<readonly LogEntry[]>;
}

/** A statement in its Sigstore bundle, as kept for one task. */
export interface StoredStatement {
  readonly task: string;
  readonly name: string;
  /** SHA-256 hex of the DSSE payload. */
  readonly digest: string;
  readonly predicateType: string;
  /** Sigstore bundle v0.3, JSON text. */
  readonly bundle: string;
}

export interface StatementStore {
  /** Natural key (task, name): a second statement of that name must be equal. */
  put(tx: Tx, statement: StoredStatement): Promise<void>;
  ofTask(tx: Tx, task: string): Promise<readonly StoredStatement[]>;
}
