import { constants } from 'node:fs';
import { type FileHandle, lchown, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceFiles } from '#agents/ports.ts';
import { FolderError, type FolderErrorCode } from './errors.ts';

const LARGEST_BYTES = 4 * 2 ** 20;
const LEFT_OUT = new Set(['.git', 'node_modules']);
const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

type Folder = { readonly handle: FileHandle; readonly path: string } & AsyncDisposable;

/**
 * The files of a workspace in which an agent may be at work. Each folder on the way is opened by itself and the next one
 * is looked up from there, so a link that is put in place meanwhile leads nowhere.
 */
export class SafeWorkspaceFiles implements WorkspaceFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async list(limit: number): Promise<readonly string[]> {
    const found: string[] = [];
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined && found.length < limit; folder = folders.pop()) {
      const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isFile()) found.push(path);
        else if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) folders.push(path);
      }
    }
    return found.toSorted().slice(0, limit);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const { folders, name } = partsOf(path);
    try {
      await using folder = await this.#folder(folders, false);
      // Not blocking, since a pipe that nobody writes to would wait for ever.
      await using file = await open(within(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const { size } = await regular(file, path);
      if (size > LARGEST_BYTES) throw fault('WORKSPACE_FILE_TOO_LARGE', `${path} has ${size} bytes`, path);
      return await file.readFile();
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw linked(error, path);
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const { folders, name } = partsOf(path);
    if (bytes.length > LARGEST_BYTES)
      throw fault('WORKSPACE_FILE_TOO_LARGE', `${bytes.length} bytes for ${path}`, path);
    try {
      await using folder = await this.#folder(folders, true);
      await using file = await open(within(folder, name), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
      await regular(file, path);
      await file.truncate(0);
      await file.writeFile(bytes);
      await own(file, folder);
    } catch (error) {
      throw linked(error, path);
    }
  }

  /** The folder, opened; each step on the way is a folder and no link. */
  async #folder(parts: readonly string[], make: boolean): Promise<Folder> {
    let folder = await openFolder(this.#root, this.#root);
    for (const part of parts) {
      await using parent = folder;
      const next = within(parent, part);
      if (make) await made(parent, next);
      folder = await openFolder(next, join(parent.path, part));
    }
    return folder;
  }
}

async function openFolder(place: string, path: string): Promise<Folder> {
  const handle = await open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return { handle, path, [Symbol.asyncDispose]: () => handle.close() };
}

async function made(parent: Folder, place: string): Promise<void> {
  try {
    await mkdir(place);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  const { uid, gid } = await parent.handle.stat();
  if (uid !== process.getuid?.()) await lchown(place, uid, gid);
}

/** New files belong to whom their folder belongs to. */
async function own(file: FileHandle, folder: Folder): Promise<void> {
  const [is, ought] = await Promise.all([file.stat(), folder.handle.stat()]);
  if (is.uid !== ought.uid) await file.chown(ought.uid, ought.gid);
}

/** A name in an open folder: the kernel of Linux keeps it, wherever the folder is moved to meanwhile. */
function within(folder: Folder, name: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder.handle.fd}/${name}` : join(folder.path, name);
}

function partsOf(path: string): { readonly folders: readonly string[]; readonly name: string } {
  const parts = path.replace(/^(\.\/)+/, '').split('/');
  const name = parts.at(-1) ?? '';
  const bad = path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..');
  if (bad) throw fault('WORKSPACE_PATH_OUTSIDE', `${JSON.stringify(path)} is no path inside the workspace`, path);
  if (parts.some((part) => part.toLowerCase() === '.git'))
    throw fault('WORKSPACE_PATH_OUTSIDE', `${path} belongs to git and is out of reach`, path);
  return { folders: parts.slice(0, -1), name };
}

async function regular(file: FileHandle, path: string): Promise<{ readonly size: number }> {
  const facts = await file.stat();
  if (!facts.isFile()) throw fault('WORKSPACE_PATH_OUTSIDE', `${path} is not a regular file`, path);
  return facts;
}

/** ELOOP is what the kernel says when a link stands where none may be followed; ENXIO is a pipe without a reader. */
function linked(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ELOOP' || code === 'ENXIO' || code === 'ENOTDIR' || code === 'EISDIR')
    return fault(
      'WORKSPACE_PATH_OUTSIDE',
      `${path} is or leads through something that is no plain file or folder`,
      path,
    );
  return error;
}

function codeOf(error: unknown): string | undefined {
  // The cast is true: faults of the file system are errors that carry a code.
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function fault(code: FolderErrorCode, message: string, path: string): FolderError {
  return new FolderError(code, message, { path });
}
