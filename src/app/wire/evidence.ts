import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import { evidenceLog, evidenceStatements } from '#adapters/sql/index.ts';
import { EvidenceBook, TransparencyLog } from '#evidence/index.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type EvidenceParts = Pick<House, 'signer' | 'evidence'>;

/** Keys, log and book: what evidence is written with. */
export async function evidenceParts({ clock, random, dataDir }: Tools): Promise<EvidenceParts> {
  const key = { dir: join(dataDir, 'keys'), algorithm: 'ed25519', random } as const;
  const signer = await openKey({ ...key, name: 'signer' });
  const log = new TransparencyLog({ store: evidenceLog, signer: await openKey({ ...key, name: 'log' }), clock });
  return { signer, evidence: new EvidenceBook({ signer, log, statements: evidenceStatements }) };
}
