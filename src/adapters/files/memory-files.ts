import type { Files } from '#agents/ports.ts';

/** Files that are a map from path to text: for tests and for trying a recipe without a workspace. */
export class MemoryFiles implements Files {
  readonly #files: Map<string, Uint8Array>;

  constructor(files: { readonly [path: string]: string | Uint8Array }) {
    const bytes = (text: string | Uint8Array): Uint8Array =>
      typeof text === 'string' ? new TextEncoder().encode(text) : text;
    this.#files = new Map(Object.entries(files).map(([path, text]) => [path, bytes(text)]));
  }

  list(): readonly string[] {
    return [...this.#files.keys()].filter((path) => !path.split('/').includes('node_modules')).toSorted();
  }

  read(path: string): Uint8Array | undefined {
    return this.#files.get(path);
  }

  write(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes);
  }

  kindOf(path: string): 'file' | 'folder' | undefined {
    if (this.#files.has(path)) return 'file';
    return path === '' || this.#below(path).length > 0 ? 'folder' : undefined;
  }

  foldersIn(path: string): readonly string[] {
    const rest = this.#below(path).map((file) => file.slice(path === '' ? 0 : path.length + 1).split('/'));
    return [...new Set(rest.filter((parts) => parts.length > 1).map(([first = '']) => first))];
  }

  realPath(path: string): string {
    return path;
  }

  /** The texts of all files, for comparing. */
  texts(): { readonly [path: string]: string } {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return Object.fromEntries([...this.#files].map(([path, bytes]) => [path, decoder.decode(bytes)]));
  }

  #below(folder: string): readonly string[] {
    const start = folder === '' ? '' : `${folder}/`;
    return [...this.#files.keys()].filter((path) => path.startsWith(start));
  }
}
