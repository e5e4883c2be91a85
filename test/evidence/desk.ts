import { evidenceFolders } from '#adapters/files/index.ts';
import { newPrivateKey, signerFromPem } from '#adapters/keys/index.ts';
import { evidenceLog, evidenceStatements, openStore, type StoreLocation } from '#adapters/sql/index.ts';
import { EvidenceBook, exportDossier, TransparencyLog } from '#evidence/index.ts';
import type { EvidenceFolders, FolderFiles, Signer } from '#evidence/ports.ts';
import { ManualClock } from '#kernel/clock.ts';
import type { Sql } from '#kernel/sql.ts';

/** Everything that writes evidence, on a store of its own. */
export interface Desk {
  readonly sql: Sql;
  readonly book: EvidenceBook;
  readonly log: TransparencyLog;
  readonly signer: Signer;
  readonly logSigner: Signer;
  readonly folders: EvidenceFolders;
  close(): Promise<void>;
}

export interface DeskKeys {
  readonly signer: Signer;
  readonly logSigner: Signer;
}

export function newKeys(algorithm: Signer['algorithm'] = 'ed25519'): DeskKeys {
  return {
    signer: signerFromPem(newPrivateKey(algorithm)),
    logSigner: signerFromPem(newPrivateKey('ed25519')),
  };
}

export async function openDesk(
  keys: DeskKeys = newKeys(),
  location: StoreLocation = { engine: 'sqlite', path: ':memory:' },
): Promise<Desk> {
  const store = await openStore(location);
  const clock = new ManualClock(1_763_800_000_000);
  const log = new TransparencyLog({ store: evidenceLog, signer: keys.logSigner, clock });
  const book = new EvidenceBook({ signer: keys.signer, log, statements: evidenceStatements });
  return { ...keys, sql: store.truth, book, log, folders: evidenceFolders, close: () => store.close() };
}

/** The files of an export, without a disk. */
export async function exported(desk: Desk, request: Omit<Parameters<typeof exportDossier>[1], 'dir'>) {
  let written: FolderFiles = new Map();
  const folders: EvidenceFolders = {
    write: async (_, files) => void (written = files),
    read: async () => written,
  };
  await exportDossier({ ...desk, folders }, { ...request, dir: 'memory' });
  return new Map(written);
}
