import type { Files } from '../ports.ts';

const BOM = '\ufeff';

/** The text of a file without its byte order mark; undefined when it is missing or not UTF-8, so that nothing is ever rewritten by guess. */
export function readText(files: Files, path: string): string | undefined {
  const bytes = files.read(path);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Writes a text, with a byte order mark where the file had one. */
export function writeText(files: Files, path: string, text: string): void {
  const before = files.read(path);
  const marked = before?.[0] === 0xef && before[1] === 0xbb && before[2] === 0xbf;
  files.write(path, new TextEncoder().encode(marked ? BOM + text : text));
}
