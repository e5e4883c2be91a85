import { constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { EvidenceFolders, FolderFiles } from '#evidence/ports.ts';
import { FolderError } from './errors.ts';

const MOST_FILES = 1000;
const MOST_BYTES = 256 * 1024 * 1024;
/** Every export holds it, nothing else of Maestro does: a folder with it may be replaced. */
const MARK = 'SHA256SUMS.sig';

/** Folders of evidence as plain files. */
export const evidenceFolders: EvidenceFolders = Object.freeze({
  async write(dir: string, files: FolderFiles): Promise<void> {
    const target = resolve(dir);
    const present = await entriesOf(target);
    if (present !== undefined && present.length > 0 && !present.includes(MARK)) {
      throw new FolderError('FOLDER_FOREIGN', `${target} is not empty and holds no evidence`, { dir: target });
    }
    try {
      await replace(target, files);
    } catch (cause) {
      throw new FolderError('FOLDER_UNWRITABLE', `cannot write ${target}`, { dir: target }, cause);
    }
  },

  async read(dir: string): Promise<FolderFiles> {
    const folder = resolve(dir);
    const refused = (why: string, cause?: unknown): FolderError =>
      new FolderError('FOLDER_UNREADABLE', `${folder}: ${why}`, { dir: folder }, cause);
    const names = await entriesOf(folder);
    if (names === undefined) throw refused('there is no such folder');
    if (names.length > MOST_FILES) throw refused(`it has more than ${MOST_FILES} files`);
    const files = new Map<string, Uint8Array>();
    let left = MOST_BYTES;
    for (const name of names) {
      const bytes = await readPlain(join(folder, name), left).catch((cause: unknown) => {
        throw refused(`${name} is not a plain file that can be read, or too large`, cause);
      });
      left -= bytes.length;
      files.set(name, bytes);
    }
    return files;
  },
});

/** Names in a folder, sorted; undefined when there is none. */
async function entriesOf(dir: string): Promise<string[] | undefined> {
  try {
    return (await readdir(dir)).sort();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new FolderError('FOLDER_UNREADABLE', `${dir} cannot be listed`, { dir }, cause);
  }
}

/** Never follows a link and never waits for a pipe. */
async function readPlain(path: string, mostBytes: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > mostBytes) throw new Error(`${path} is not a plain file of that size`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Writes beside the target and renames, so that no reader sees half a folder. */
async function replace(target: string, files: FolderFiles): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.draft-`);
  try {
    for (const [name, bytes] of files) {
      const file = await open(join(draft, name), 'wx', 0o644);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
    }
    await chmod(draft, 0o755); // evidence is for others to read
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
}
