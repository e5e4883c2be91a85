import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import { derivedSecret } from '../git-access.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type IdentityParts = Pick<House, 'secretHash'>;

/** What identity is checked with. A keyed hash is enough for secrets of 256 random bits; a copy of the rows alone proves nothing. */
export async function identityParts({ random, dataDir }: Tools): Promise<IdentityParts> {
  const access = await openKey({ dir: join(dataDir, 'keys'), name: 'access', algorithm: 'ed25519', random });
  const pepper = await derivedSecret(access, 'hash of secrets');
  return { secretHash: (secret) => createHmac('sha256', pepper).update(secret).digest('hex') };
}
