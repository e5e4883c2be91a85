import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import { auditStore, evidenceLog, evidenceStatements } from '#adapters/sql/index.ts';
import { EvidenceBook, pruneEvents, sealEvents, TransparencyLog } from '#evidence/index.ts';
import type { Signer } from '#evidence/ports.ts';
import type { Random } from '#kernel/random.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type EvidenceParts = Pick<House, 'signer' | 'evidence' | 'sealAudit' | 'pruneAudit'>;

/** Keys, log and book: what evidence is written with. */
export async function evidenceParts(
  { clock, random, dataDir }: Tools,
  { store }: Pick<House, 'store'>,
): Promise<EvidenceParts> {
  const signer = await openSigner(dataDir, random);
  const logSigner = await openKey({ dir: join(dataDir, 'keys'), name: 'log', algorithm: 'ed25519', random });
  const log = new TransparencyLog({ store: evidenceLog, signer: logSigner, clock });
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

/** The key that signs evidence. A new one is of P-256, since cosign verifies no log entry of an Ed25519 key. */
export function openSigner(dataDir: string, random: Random): Promise<Signer> {
  return openKey({ dir: join(dataDir, 'keys'), name: 'signer', algorithm: 'ecdsa-p256-sha256', random });
}
