import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderError } from './errors.ts';

const NO_PLACE = /^(ENOENT|ENOTDIR|EACCES|EPERM|EROFS)$/;

/** Makes a fresh folder `<prefix><random>` for files that go away again, for its owner only. Throws TEMP_FOLDER_UNUSABLE. */
export async function makeTempFolder(prefix: string): Promise<string> {
  const place = tmpdir();
  try {
    return await mkdtemp(join(place, prefix));
  } catch (cause) {
    // Other faults, as a full disk, pass: trying again may mend them.
    if (!(cause instanceof Error && 'code' in cause && NO_PLACE.test(String(cause.code)))) throw cause;
    const message = `no folder can be made in ${place}, which is for temporary files: ${cause.message}`;
    throw new FolderError('TEMP_FOLDER_UNUSABLE', message, { dir: place }, cause);
  }
}
