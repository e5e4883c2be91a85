import { KeyError, readSymmetricKey } from '#adapters/keys/index.ts';
import type { Principal } from '#domain/action.ts';
import { readTextFile } from '#adapters/files/index.ts';
import { platform } from '../access/platform.ts';
import { SEALED } from '../config/setting.ts';
import type { House } from '../house.ts';
import { permit } from '../perform.ts';

/** A secret as it may stand in a setting or a key file: only this installation can read it. */
export function sealSecret(house: House, secret: string): string {
  return SEALED + house.dataKeys.seal({ owner: '', text: secret });
}

/**
 * Changes the master key: to a new one in its file, or to the one that is given from outside now, when `oldKeyFile` holds the
 * one before it. Nothing is encrypted anew but the data keys; gives how many.
 */
export async function rotateMasterKey(house: House, by: Principal, oldKeyFile?: string): Promise<number> {
  const resource = { kind: 'secret', id: 'master key', attributes: {} };
  const asked = { name: 'secret.rotate', principal: by, tenant: platform(house), resource } as const;
  return permit(house, asked, () =>
    Promise.resolve(
      oldKeyFile === undefined ? house.dataKeys.rotate() : house.dataKeys.rewrap([masterKeyIn(oldKeyFile)]),
    ),
  );
}

function masterKeyIn(path: string) {
  const key = readSymmetricKey(readTextFile(path));
  if (key !== undefined) return key;
  throw new KeyError('KEY_CORRUPT', `${path} holds no master key (base64 of 32 bytes)`, { path });
}
