import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitOid } from '#domain/ids.ts';

const IDENTITY = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'protocol.file.allow=always'];

/** The ordinary client, as a person has it. */
export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

export function oid(cwd: string, name: string): GitOid {
  return git(cwd, 'rev-parse', name) as GitOid;
}

/** A folder that is gone at the end of the `await using` or `using` block. */
export function scratchFolder(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-test-')));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Null removes the file, `{ link }` makes a symbolic link. */
export type Files = { readonly [path: string]: string | Uint8Array | { readonly link: string } | null };

export function write(dir: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(dir, path);
    rmSync(file, { force: true });
    if (content === null) continue;
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(file, content);
    else symlinkSync(content.link, file);
  }
}

/** A repository with a working tree, its first commit on `main`. */
export function repository(dir: string, files: Files = { 'README.md': 'hello\n' }): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  commit(dir, files);
  return dir;
}

export function commit(dir: string, files: Files, message = 'change'): GitOid {
  write(dir, files);
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '--allow-empty', '-m', message);
  return oid(dir, 'HEAD');
}

/** A commit on a branch of its own, beside what is checked out. */
export function commitOn(dir: string, branch: string, from: string, files: Files): GitOid {
  const back = git(dir, 'rev-parse', '--abbrev-ref', 'HEAD');
  git(dir, 'checkout', '-q', '-B', branch, from);
  const made = commit(dir, files, branch);
  git(dir, 'checkout', '-q', back);
  return made;
}
