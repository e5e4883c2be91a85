import { sha256 } from '#kernel/digest.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import type { EvidenceBook } from '../book.ts';
import { readBundle, type BundleParts } from '../bundle.ts';
import { cardOf } from '../card-of.ts';
import { EvidenceError } from '../errors.ts';
import type { Dossier, EvidenceFolders, FolderFiles, Signer, StoredStatement } from '../ports.ts';
import { CLOSING } from '../predicates/kinds.ts';
import { readStatement, type Statement } from '../statement.ts';
import { trustedRootText } from '../trusted-root.ts';
import { type ConsistencyProofs, consistencyText } from './consistency-file.ts';
import { FILES, fileOf } from './names.ts';
import { FOLDER_README } from './readme.ts';
import { VERIFY_SCRIPT } from './script.ts';
import { sumsText } from './sums.ts';

export interface ExportRequest {
  readonly dossier: Dossier;
  /** Where the folder appears. */
  readonly dir: string;
  /** Bytes of the change (see `patchArguments`); needed when the dossier is about one. */
  readonly patch?: Uint8Array;
  /** Checkpoints that readers hold: the folder proves that the log still begins like each of them. */
  readonly since?: readonly string[];
}

/**
 * Writes a closed dossier as a folder that anyone can verify. Exporting again gives the same statements with a newer
 * checkpoint. Throws DOSSIER_EMPTY, PATCH_MISMATCH or CHECKPOINT_UNKNOWN.
 */
export async function exportDossier(
  parts: { sql: Sql; book: EvidenceBook; signer: Signer; folders: EvidenceFolders },
  request: ExportRequest,
): Promise<void> {
  const files = await parts.sql.tx((tx) => dossierFiles(tx, parts.book, request));
  const sums = Buffer.from(sumsText(files));
  const signature = await parts.signer.sign(sums);
  await parts.folders.write(request.dir, new Map([...files, [FILES.sums, sums], [FILES.sumsSignature, signature]]));
}

async function dossierFiles(tx: Tx, book: EvidenceBook, request: ExportRequest): Promise<FolderFiles> {
  const { dossier } = request;
  const stored = await book.statements(tx, dossier);
  const opened = stored.map(open);
  const summary = opened.find(({ name }) => name === CLOSING);
  const checkpoint = await book.log.checkpoint(tx);
  if (summary === undefined || checkpoint === undefined) {
    const message = `task ${dossier.task} has no closed evidence of attempt ${dossier.attempt}`;
    throw new EvidenceError('DOSSIER_EMPTY', message, { task: dossier.task, attempt: dossier.attempt });
  }
  const texts = new Map<string, string>([
    [FILES.envelopes, opened.map(({ parts }) => `${JSON.stringify(parts.envelope)}\n`).join('')],
    [FILES.trustedRoot, trustedRootText(book.log.key)],
    [FILES.signer, book.key.pem],
    [FILES.checkpoint, checkpoint],
    [FILES.consistency, consistencyText(await proofs(tx, book, opened, request.since ?? []))],
    [FILES.script, VERIFY_SCRIPT],
    [FILES.readme, FOLDER_README],
    [FILES.card, cardOf(stored) ?? ''],
    ...stored.map(({ name, bundle }) => [fileOf(name), bundle] as const),
  ]);
  const files = new Map([...texts].map(([name, text]) => [name, Buffer.from(text)]));
  const patch = requiredPatch(summary.statement, request.patch);
  return patch === undefined ? files : new Map([...files, [FILES.patch, Buffer.from(patch)]]);
}

interface Opened {
  readonly name: string;
  readonly parts: BundleParts;
  readonly statement: Statement;
}

function open(stored: StoredStatement): Opened {
  const parts = readBundle(stored.bundle);
  const statement = parts && readStatement(parts.payload);
  if (parts === undefined || statement === undefined) throw new Error(`stored statement ${stored.name} is unreadable`);
  return { name: stored.name, parts, statement };
}

/** From the size at which each statement was logged, and from each checkpoint that readers hold, to the size of now. */
async function proofs(
  tx: Tx,
  book: EvidenceBook,
  opened: readonly Opened[],
  since: readonly string[],
): Promise<ConsistencyProofs> {
  const found = new Map<number, readonly string[]>();
  for (const note of [...opened.map(({ parts }) => parts.checkpoint), ...since]) {
    const { size, hashes } = await book.log.consistency(tx, note);
    found.set(size, hashes);
  }
  return found;
}

function requiredPatch(summary: Statement, patch: Uint8Array | undefined): Uint8Array | undefined {
  const digest = summary.subject[0]?.digest ?? {};
  if (digest['gitCommit'] === undefined) return undefined;
  if (patch !== undefined && sha256(patch) === digest['sha256']) return patch;
  const message = `the patch of ${digest['gitCommit']} is ${patch === undefined ? 'needed' : 'another one'}`;
  throw new EvidenceError('PATCH_MISMATCH', message, { commit: digest['gitCommit'], sha256: digest['sha256'] ?? '' });
}
