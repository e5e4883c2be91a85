import { lstatSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Files } from '#agents/ports.ts';

const LEFT_OUT = new Set(['.git', 'node_modules']);

/** The files below a folder. */
export class DiskFiles implements Files {
  readonly #root: string;

  constructor(root: string) {
    this.#root = realpathSync(root);
  }

  list(): readonly string[] {
    const found: string[] = [];
    const visit = (folder: string): void => {
      for (const entry of readdirSync(join(this.#root, folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isFile()) found.push(path);
        else if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) visit(path);
      }
    };
    visit('');
    return found.toSorted();
  }

  read(path: string): Uint8Array | undefined {
    return this.kindOf(path) === 'file' ? readFileSync(join(this.#root, path)) : undefined;
  }

  write(path: string, bytes: Uint8Array): void {
    const place = join(this.#root, path);
    // A link could lead outside; `list` never gives one.
    if (!lstatSync(place).isFile() || this.realPath(path) !== path)
      throw new Error(`not a file of the workspace: ${path}`);
    writeFileSync(place, bytes);
  }

  kindOf(path: string): 'file' | 'folder' | undefined {
    const found = statSync(join(this.#root, path), { throwIfNoEntry: false });
    if (found?.isFile()) return 'file';
    return found?.isDirectory() ? 'folder' : undefined;
  }

  foldersIn(path: string): readonly string[] {
    if (this.kindOf(path) !== 'folder') return [];
    const entries = readdirSync(join(this.#root, path), { withFileTypes: true });
    // Package managers link packages into place.
    return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map((entry) => entry.name);
  }

  realPath(path: string): string {
    const place = relative(this.#root, realpathSync(join(this.#root, path)));
    return place.startsWith('..') ? path : place.split(sep).join('/');
  }
}
