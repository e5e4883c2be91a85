import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import { auditStore, evidenceLog, evidenceStatements } from '#adapters/sql/index.ts';
import { EvidenceBook, pruneEvents, sealEvents, TransparencyLog } from '#evidence/index.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type EvidenceParts = Pick<House, 'signer' | 'evidence' | 'sealAudit' | 'pruneAudit'>;

/** Keys, log and book: what evidence is written with. */
export async function evidenceParts(
  { clock, random, dataDir }: Tools,
  { store }: Pick<House, 'store'>,
): Promise<EvidenceParts> {
  const key = { dir: join(dataDir, 'keys'), algorithm: 'ed25519', random } as const;
  const signer = await openKey({ ...key, name: 'signer' });
  const log = new TransparencyLog({ store: evidenceLog, signer: await openKey({ ...key, name: 'log' }), clock });
  const evidence = new EvidenceBook({ signer, log, statements: evidenceStatements });
  const parts = { store: auditStore, book: evidence, random };
  return {
    signer,
    evidence,
    pruneAudit: (tx, before) => pruneEvents(tx, parts, before),
    sealAudit: async () => {
      while ((await store.truth.tx((tx) => sealEvents(tx, parts))) > 0);
    },
  };
}
