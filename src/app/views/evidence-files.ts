import { resolve } from 'node:path';
import { systemRandom } from '#kernel/random.ts';
import { evidenceFolders, readTextFile } from '#adapters/files/index.ts';
import { evidenceLog, evidenceStatements, readEvents } from '#adapters/sql/index.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import { auditLog, cardOf, exportDossier, type LogAudit, type Verification, verifyDirectory } from '#evidence/index.ts';
import type { EvidenceFolders, FolderFiles } from '#evidence/ports.ts';
import { readConfig } from '../config/config.ts';
import { erasedLeaves } from '../governance/erase.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { openSigner } from '../wire/evidence.ts';

const EVENTS = 10_000;

export type EvidenceView = {
  readonly task: string;
  readonly attempt: number;
  /** Markdown. */
  readonly card: string;
  readonly statements: readonly {
    readonly name: string;
    readonly predicateType: string;
    readonly digest: string;
    readonly leaf: number;
  }[];
};

/** What evidence there is of a task's last end. */
export async function evidenceView(house: House, task: Task): Promise<EvidenceView> {
  const attempt = await lastAttempt(house, task);
  const dossier = { task: task.id, attempt };
  const statements = await house.store.truth.tx((tx) => house.evidence.statements(tx, dossier));
  return {
    ...dossier,
    card: cardOf(statements) ?? '',
    statements: statements.map(({ name, predicateType, digest, leaf }) => ({ name, predicateType, digest, leaf })),
  };
}

/** Writes the evidence of a task's last end as a folder that anyone can verify. */
export async function exportEvidence(
  house: House,
  task: Task,
  where: { readonly out: string; readonly since?: string },
): Promise<{ task: string; attempt: number; dir: string; files: readonly string[] }> {
  const dir = resolve(where.out);
  const since = where.since === undefined ? {} : { since: [readTextFile(where.since)] };
  const attempt = await exportTo(house, task, evidenceFolders, { dir, ...since });
  return { task: task.id, attempt, dir, files: [...(await evidenceFolders.read(dir)).keys()].sort() };
}

/** The same folder as names and bytes, for whoever asks over the network. */
export async function evidenceFiles(house: House, task: Task): Promise<FolderFiles> {
  let files: FolderFiles = new Map();
  const folders: EvidenceFolders = {
    write: (_dir, written) => Promise.resolve(void (files = written)),
    read: () => Promise.resolve(files),
  };
  await exportTo(house, task, folders, { dir: '' });
  return files;
}

/** Exports the evidence of a task and verifies it like anybody would, with the key of this installation. */
export async function verifyOwnEvidence(house: House, task: Task): Promise<Verification> {
  const files = await evidenceFiles(house, task);
  const folders: EvidenceFolders = { write: () => Promise.resolve(), read: () => Promise.resolve(files) };
  return verifyDirectory(folders, '', { pinnedKey: house.signer.publicKeyPem });
}

async function exportTo(
  house: House,
  task: Task,
  folders: EvidenceFolders,
  where: { readonly dir: string; readonly since?: readonly string[] },
): Promise<number> {
  const attempt = await lastAttempt(house, task);
  const ended = await readEvents(house.store.truth, task.tenant, { task: task.id, type: 'task.ended', limit: EVENTS });
  const { from, to } = ended.at(-1)?.data ?? {};
  // The casts are true: `close` wrote them as commits of this repository.
  const patch =
    typeof from === 'string' && typeof to === 'string'
      ? { patch: await house.patch(task.repo, from as GitOid, to as GitOid) }
      : {};
  const parts = { sql: house.store.truth, book: house.evidence, signer: house.signer, folders };
  await exportDossier(parts, { dossier: { task: task.id, attempt }, ...where, ...patch });
  return attempt;
}

async function lastAttempt(house: House, task: Task): Promise<number> {
  const attempt = await house.store.truth.tx((tx) => house.evidence.lastAttempt(tx, task.id));
  if (attempt > 0) return attempt;
  const message = `task ${task.id} is ${task.state} and has no evidence yet`;
  throw new AppError('EVIDENCE_NONE', message, { details: { task: task.id } });
}

/** Verifies an exported folder against a pinned key: the one named, or the one of this data directory. */
export async function verifyEvidence(
  flags: { readonly dataDir?: string; readonly key?: string; readonly checkpoint?: string },
  dir: string,
): Promise<Verification> {
  const pinnedKey = flags.key === undefined ? await ownKey(flags) : readTextFile(flags.key);
  const earlier = flags.checkpoint === undefined ? {} : { earlierCheckpoint: readTextFile(flags.checkpoint) };
  return verifyDirectory(evidenceFolders, resolve(dir), { pinnedKey, ...earlier });
}

async function ownKey(flags: { readonly dataDir?: string }): Promise<string> {
  const { settings } = readConfig({ flags: flags.dataDir === undefined ? {} : { dataDir: flags.dataDir } });
  return (await openSigner(settings.dataDir, systemRandom)).publicKeyPem;
}

/** Computes the log anew; with earlier checkpoints it also proves that the log still begins like each of them. */
export async function verifyLog(house: House, checkpoints: readonly string[]): Promise<LogAudit> {
  const erased = await erasedLeaves(house);
  const parts = { store: evidenceLog, statements: evidenceStatements, key: house.evidence.log.key, erased };
  return auditLog(house.store.truth, parts, checkpoints.map(readTextFile));
}
