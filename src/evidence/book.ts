import { sha256 } from '#kernel/digest.ts';
import type { Tx } from '#kernel/sql.ts';
import { bundleText, readBundle } from './bundle.ts';
import { preAuthEncoding } from './dsse.ts';
import { EvidenceError } from './errors.ts';
import { logBody } from './log-body.ts';
import type { TransparencyLog } from './log/log.ts';
import type { Dossier, Signer, StatementStore, StoredStatement } from './ports.ts';
import { CLOSING, kindOf, type StatementKind } from './predicates/kinds.ts';
import { requireReadable } from './predicates/readable.ts';
import { type Closing, summaryStatement } from './predicates/summary.ts';
import { type PublicKey, publicKeyFromPem } from './public-key.ts';
import { payloadOf, readStatement, sameSubject, type Statement, type Subject } from './statement.ts';
import { fileOf } from './folder/names.ts';

/** What must be there before a dossier may be closed, by the task's end. */
const NEEDED_TO_LAND: readonly StatementKind[] = ['provenance', 'test-result', 'policy-decisions', 'landing'];

/**
 * Writes evidence: signs statements, appends them to the log and keeps them, all inside the caller's transaction.
 * Writing a statement again is the same as once, so a step that is replayed leaves exactly one.
 */
export class EvidenceBook {
  readonly log: TransparencyLog;
  readonly key: PublicKey;
  readonly #signer: Signer;
  readonly #statements: StatementStore;

  constructor(parts: { signer: Signer; log: TransparencyLog; statements: StatementStore }) {
    this.#signer = parts.signer;
    this.#statements = parts.statements;
    this.log = parts.log;
    this.key = publicKeyFromPem(parts.signer.publicKeyPem);
  }

  /**
   * Idempotent by (task, attempt, name). Throws STATEMENT_CONFLICT when another statement has the name,
   * STATEMENT_INVALID when it could not be read back, and DOSSIER_CLOSED after closing. Takes the log for the rest of the transaction: call it last there.
   */
  async record(tx: Tx, entry: { dossier: Dossier; name: string; statement: Statement }): Promise<StoredStatement> {
    await this.log.lock(tx); // first, so that looking and appending are one step among many processes
    return this.#write(tx, entry.dossier, entry.name, entry.statement);
  }

  /** Writes the summary that lists every statement recorded so far. Throws DOSSIER_INCOMPLETE when one is missing that this end needs. */
  async close(tx: Tx, subject: Subject, closing: Closing): Promise<StoredStatement> {
    await this.log.lock(tx);
    const dossier = { task: closing.task.id, attempt: closing.attempt };
    const others = (await this.#statements.ofDossier(tx, dossier)).filter((each) => each.name !== CLOSING);
    this.#requireComplete(closing, others);
    const inputs = others.map(({ name, digest }) => ({ file: fileOf(name), digest }));
    const summary = summaryStatement(subjectsOf(subject, others), closing, this.log.key, inputs);
    return this.#write(tx, dossier, CLOSING, summary);
  }

  /** The statements of one dossier in the order of the log. */
  async statements(tx: Tx, dossier: Dossier): Promise<readonly StoredStatement[]> {
    return this.#statements.ofDossier(tx, dossier);
  }

  /** Number of the task's last dossier; 0 when it has none. */
  async lastAttempt(tx: Tx, task: Dossier['task']): Promise<number> {
    return this.#statements.lastAttempt(tx, task);
  }

  async #write(tx: Tx, dossier: Dossier, name: string, statement: Statement): Promise<StoredStatement> {
    const payload = Buffer.from(payloadOf(statement));
    const digest = sha256(payload);
    const known = await this.#statements.find(tx, dossier, name);
    if (known?.digest === digest) return known;
    const details = { task: dossier.task, attempt: dossier.attempt, name };
    if (known !== undefined) {
      throw new EvidenceError('STATEMENT_CONFLICT', `${name} of ${dossier.task} is another one already`, details);
    }
    if ((await this.#statements.find(tx, dossier, CLOSING)) !== undefined) {
      throw new EvidenceError('DOSSIER_CLOSED', `${name} came after the summary of ${dossier.task}`, details);
    }
    requireReadable(name, statement);
    const signature = await this.#signer.sign(preAuthEncoding(payload));
    const appended = await this.log.append(tx, logBody(payload, signature, this.key));
    const signed = { payload, signature, keyId: this.key.keyId, appended, log: this.log.key };
    const { predicateType } = statement;
    const leaf = appended.entry.index;
    const stored = { ...dossier, name, digest, predicateType, leaf, bundle: bundleText(signed) };
    await this.#statements.put(tx, stored);
    return stored;
  }

  #requireComplete(closing: Closing, others: readonly StoredStatement[]): void {
    const needed = ['decision-card', ...(closing.task.state === 'landed' ? NEEDED_TO_LAND : [])];
    const missing = needed.filter((kind) => !others.some(({ name }) => kindOf(name) === kind));
    if (missing.length === 0) return;
    const message = `${closing.task.id} ended as ${closing.task.state} without ${missing.join(', ')}`;
    throw new EvidenceError('DOSSIER_INCOMPLETE', message, { task: closing.task.id, missing });
  }
}

/** What the summary vouches for: the main subject first, then what else the statements are about. */
function subjectsOf(main: Subject, statements: readonly StoredStatement[]): readonly Subject[] {
  const subjects = [main];
  for (const { bundle } of statements) {
    const parts = readBundle(bundle);
    for (const subject of (parts && readStatement(parts.payload)?.subject) ?? []) {
      if (!subjects.some((each) => sameSubject(each, subject))) subjects.push(subject);
    }
  }
  return subjects;
}
