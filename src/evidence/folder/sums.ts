import { sha256 } from '#kernel/digest.ts';
import type { FolderFiles } from '../ports.ts';
import { FILES } from './names.ts';

const LINE = /^(?<digest>[0-9a-f]{64}) {2}(?<file>\S+)$/;

/** `sha256sum` lines of every file but the sums themselves, sorted by name. */
export function sumsText(files: FolderFiles): string {
  const names = [...files.keys()].filter((name) => name !== FILES.sums && name !== FILES.sumsSignature).sort();
  return names.map((name) => `${sha256(files.get(name) ?? '')}  ${name}\n`).join('');
}

export interface SumsFinding {
  readonly file: string;
  readonly code: 'FILE_CHANGED' | 'FILE_MISSING' | 'FILE_UNLISTED';
}

/** Where the folder differs from sums that are known to be genuine. */
export function compareSums(text: string, files: FolderFiles): readonly SumsFinding[] {
  const listed = new Map<string, string>();
  for (const line of text.split('\n')) {
    const { digest, file } = LINE.exec(line)?.groups ?? {};
    if (digest !== undefined && file !== undefined) listed.set(file, digest);
  }
  const findings: SumsFinding[] = [];
  for (const [file, digest] of listed) {
    const bytes = files.get(file);
    if (bytes === undefined) findings.push({ file, code: 'FILE_MISSING' });
    else if (sha256(bytes) !== digest) findings.push({ file, code: 'FILE_CHANGED' });
  }
  for (const file of files.keys()) {
    const own = file === FILES.sums || file === FILES.sumsSignature;
    if (!own && !listed.has(file)) findings.push({ file, code: 'FILE_UNLISTED' });
  }
  return findings;
}
