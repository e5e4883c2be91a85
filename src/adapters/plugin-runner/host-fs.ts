import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { type GlobSet, globFault, globSet } from '#domain/plugin-glob.ts';
import { REFUSED } from '#domain/plugin-abi.ts';
import type { CallState } from './call-state.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const MOST_ENTRIES = 200_000;
const MOST_OPEN_FOLDERS = 64;

/** Answer of a step into the tree: a descriptor, or the refusal to give. */
type Opened = { readonly fd: number; readonly stats: Stats } | { readonly refused: number };

/**
 * Reads files below one folder. Each segment is opened relative to the descriptor of the one before, without following
 * links, so that no swap of names between check and use can lead outside; what is read is judged by its descriptor.
 */
export class GrantedFiles {
  readonly #state: CallState;
  readonly #grant: GlobSet;
  readonly #root: number;
  readonly #device: number;
  readonly #folders = new Map<string, number>();

  constructor(options: { state: CallState; root: string; globs: readonly string[] }) {
    this.#state = options.state;
    this.#grant = globSet(options.globs);
    this.#root = openSync(options.root, O_RDONLY | O_DIRECTORY);
    this.#device = fstatSync(this.#root).dev;
  }

  /** Holds the file's bytes, or refuses. */
  read(path: string | null): number {
    if (path === null || !isPlain(path) || !this.#grant.matches(path))
      return this.#state.refuse('FS_SCOPE', path ?? 'not text', REFUSED.scope);
    const cut = path.lastIndexOf('/');
    const folder = this.#folder(cut < 0 ? '' : path.slice(0, cut));
    if ('refused' in folder) return folder.refused;
    const file = this.#open(folder.fd, path.slice(cut + 1), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path);
    if ('refused' in file) return file.refused;
    try {
      // A second name could be a file from outside the folder.
      if (!file.stats.isFile() || file.stats.nlink !== 1 || file.stats.dev !== this.#device)
        return this.#state.refuse('FS_TYPE', path, REFUSED.type);
      return this.#state.hold(this.#readAll(file.fd, file.stats.size));
    } finally {
      closeSync(file.fd);
    }
  }

  /** Holds the granted paths that match, sorted, one per line. */
  list(pattern: string | null): number {
    if (pattern === null || globFault(pattern) !== null)
      return this.#state.refuse('FS_SCOPE', pattern ?? 'not text', REFUSED.scope);
    const asked = globSet([pattern]);
    const found: string[] = [];
    let entries = 0;
    const walk = (folder: string): void => {
      const opened = this.#folder(folder);
      if ('refused' in opened) return;
      for (const entry of readdirSync(`/proc/self/fd/${opened.fd}`, { withFileTypes: true })) {
        if (++entries > MOST_ENTRIES) this.#state.stop('FS_ENTRIES_QUOTA', `more than ${MOST_ENTRIES} entries listed`);
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (!isPlain(path)) continue;
        if (entry.isDirectory()) {
          if (asked.mayContain(path) && this.#grant.mayContain(path)) walk(path);
        } else if (entry.isFile() && asked.matches(path) && this.#grant.matches(path)) found.push(path);
      }
    };
    walk('');
    this.#state.spend(entries);
    return this.#state.hold(new TextEncoder().encode(found.sort().join('\n')));
  }

  close(): void {
    for (const fd of this.#folders.values()) closeSync(fd);
    this.#folders.clear();
    closeSync(this.#root);
  }

  /** Folders stay open for the rest of the call: a descriptor that was reached safely stays safe. */
  #folder(path: string): { readonly fd: number } | { readonly refused: number } {
    if (path === '') return { fd: this.#root };
    const known = this.#folders.get(path);
    if (known !== undefined) return { fd: known };
    const cut = path.lastIndexOf('/');
    const parent = this.#folder(cut < 0 ? '' : path.slice(0, cut));
    if ('refused' in parent) return parent;
    const opened = this.#open(parent.fd, path.slice(cut + 1), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, path);
    if ('refused' in opened) return opened;
    if (opened.stats.dev !== this.#device) {
      closeSync(opened.fd);
      return { refused: this.#state.refuse('FS_TYPE', path, REFUSED.type) };
    }
    if (this.#folders.size >= MOST_OPEN_FOLDERS) this.#forgetFolders(path);
    this.#folders.set(path, opened.fd);
    return opened;
  }

  /** Closes what is not on the way to `path`, whose descriptors are in use. */
  #forgetFolders(path: string): void {
    for (const [known, fd] of this.#folders) {
      if (path.startsWith(`${known}/`)) continue;
      closeSync(fd);
      this.#folders.delete(known);
    }
  }

  #open(folder: number, name: string, flags: number, path: string): Opened {
    const at = `/proc/self/fd/${folder}/${name}`;
    try {
      const fd = openSync(at, flags);
      return { fd, stats: fstatSync(fd) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'ELOOP' || (code === 'ENOTDIR' && isLink(at)))
        return { refused: this.#state.refuse('FS_SYMLINK', path, REFUSED.symlink) };
      if (code === 'ENOENT') return { refused: this.#state.refuse('FS_ABSENT', path, REFUSED.absent) };
      return { refused: this.#state.refuse('FS_TYPE', path, REFUSED.type) };
    }
  }

  /** Counts before it allocates; a file that grows meanwhile is cut at the size it had. */
  #readAll(fd: number, size: number): Uint8Array {
    this.#state.read(size);
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const count = readSync(fd, bytes, filled, size - filled, null);
      if (count === 0) break;
      filled += count;
    }
    return filled === size ? bytes : bytes.subarray(0, filled);
  }
}

/** Relative, without `.`, `..`, empty segments, backslashes, control characters and percent-encoded dots or slashes. */
function isPlain(path: string): boolean {
  if (path.length === 0 || path.length > 1024 || /[\p{Cc}\\]|%2e|%2f|%00/iu.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Only chooses between two refusals. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
