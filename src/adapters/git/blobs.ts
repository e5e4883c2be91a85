import { isUtf8 } from 'node:buffer';
import type { FileContent } from '#domain/diff.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import { gitOid } from './oid.ts';

/** Larger files are not read as text. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

interface BlobHead {
  readonly oid: GitOid;
  readonly bytes: number;
}

/** The file at a path, or undefined when there is none. */
export async function readPath(git: Git, repoDir: string, at: GitOid, path: string): Promise<FileContent | undefined> {
  const [head] = await heads(git, repoDir, [`${at}:${path}`]);
  if (head === null || head === undefined) return undefined;
  return (await read(git, repoDir, [head])).get(head.oid);
}

/** The blobs that are there; names of other objects have no entry. */
export async function readBlobs(
  git: Git,
  repoDir: string,
  oids: readonly GitOid[],
): Promise<ReadonlyMap<GitOid, FileContent>> {
  const found = (await heads(git, repoDir, [...new Set(oids)])).filter((head) => head !== null);
  return read(git, repoDir, found);
}

/** Size of each blob. */
export async function blobSizes(
  git: Git,
  repoDir: string,
  oids: readonly GitOid[],
): Promise<ReadonlyMap<GitOid, number>> {
  const found = (await heads(git, repoDir, oids)).filter((head) => head !== null);
  return new Map(found.map((head) => [head.oid, head.bytes]));
}

async function heads(git: Git, repoDir: string, names: readonly string[]): Promise<readonly (BlobHead | null)[]> {
  if (names.length === 0) return [];
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)', '-z'];
  const output = await git.text({ args, gitDir: repoDir, stdin: names.map((name) => `${name}\0`).join('') });
  // A name that holds a line end comes back, when missing, as several lines; only single lookups have such names.
  const lines = names.length === 1 ? [output] : output.split('\n');
  return lines.map((line) => {
    const match = /^([0-9a-f]{40}) blob (\d+)$/.exec(line);
    return match === null ? null : { oid: gitOid(match[1] ?? ''), bytes: Number(match[2]) };
  });
}

async function read(git: Git, repoDir: string, blobs: readonly BlobHead[]): Promise<ReadonlyMap<GitOid, FileContent>> {
  const contents = new Map<GitOid, FileContent>(blobs.map(({ oid, bytes }) => [oid, { bytes, text: null }]));
  const small = blobs.filter((blob) => blob.bytes <= MAX_TEXT_BYTES);
  if (small.length === 0) return contents;
  const stdin = small.map(({ oid }) => `${oid}\n`).join('');
  const { stdout } = await git.run({ args: ['cat-file', '--batch'], gitDir: repoDir, stdin });
  let at = 0;
  for (const { oid, bytes } of small) {
    const start = stdout.indexOf(0x0a, at) + 1;
    contents.set(oid, { bytes, text: textOf(stdout.subarray(start, start + bytes)) });
    at = start + bytes + 1;
  }
  return contents;
}

function textOf(bytes: Buffer): string | null {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : null;
}
