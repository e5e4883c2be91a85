import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import type { ChangedFile, FileContent } from '#domain/diff.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { CommitFacts, GitObjects, MergedTree } from '#train/ports.ts';
import { readBlobs, readPath } from './blobs.ts';
import { changedFiles, patch, patchId } from './diff.ts';
import { gitFault } from './errors.ts';
import { mergeTree } from './merge-tree.ts';
import { gitOid, zeroParts } from './oid.ts';

/** Who makes the commits that Maestro itself makes. */
const IDENTITY = { name: 'Maestro Conductor', email: 'maestro@localhost' };

/** Reads and writes objects of bare repositories by plumbing commands only, so that no setting of anybody has a part in it. */
export class GitObjectStore implements GitObjects {
  readonly #git: Git;

  constructor(options: { git: Git }) {
    this.#git = options.git;
  }

  async treeOf(repoDir: string, at: GitOid): Promise<GitOid> {
    return this.#revParse(repoDir, `${at}^{tree}`);
  }

  async readCommit(repoDir: string, commit: GitOid): Promise<CommitFacts> {
    const text = await this.#git.text({ args: ['cat-file', 'commit', commit], gitDir: repoDir });
    const end = text.indexOf('\n\n');
    const headers = text.slice(0, end).split('\n');
    const valuesOf = (name: string): string[] =>
      headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
    return {
      tree: gitOid(valuesOf('tree')[0] ?? ''),
      parents: valuesOf('parent').map(gitOid),
      message: text.slice(end + 2),
    };
  }

  /** Git before 2.40 cannot be told the merge base, so commits are made that have it as their only parent. */
  async mergeTree(repoDir: string, sides: { base?: GitOid; ours: GitOid; theirs: GitOid }): Promise<MergedTree> {
    if (sides.base === undefined) return mergeTree(this.#git, repoDir, sides.ours, sides.theirs);
    const commit = async (of: GitOid, parents: readonly GitOid[]): Promise<GitOid> =>
      this.commitTree(repoDir, { tree: await this.treeOf(repoDir, of), parents, message: 'side of a merge', at: 0 });
    const base = await commit(sides.base, []);
    const [ours, theirs] = [await commit(sides.ours, [base]), await commit(sides.theirs, [base])];
    return mergeTree(this.#git, repoDir, ours, theirs);
  }

  async commitTree(
    repoDir: string,
    commit: { tree: GitOid; parents: readonly GitOid[]; message: string; at: number },
  ): Promise<GitOid> {
    const date = `@${Math.floor(commit.at / 1000)} +0000`;
    const parents = commit.parents.flatMap((parent) => ['-p', parent]);
    const made = await this.#git.text({
      args: ['-c', 'i18n.commitEncoding=UTF-8', 'commit-tree', commit.tree, ...parents, '-F', '-'],
      gitDir: repoDir,
      stdin: commit.message,
      env: {
        GIT_AUTHOR_NAME: IDENTITY.name,
        GIT_AUTHOR_EMAIL: IDENTITY.email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: IDENTITY.name,
        GIT_COMMITTER_EMAIL: IDENTITY.email,
        GIT_COMMITTER_DATE: date,
      },
    });
    return gitOid(made);
  }

  changedFiles(repoDir: string, from: GitOid, to: GitOid): Promise<readonly ChangedFile[]> {
    return changedFiles(this.#git, repoDir, from, to);
  }

  patch(repoDir: string, from: GitOid, to: GitOid): Promise<Uint8Array> {
    return patch(this.#git, repoDir, from, to);
  }

  patchId(repoDir: string, from: GitOid, to: GitOid): Promise<string> {
    return patchId(this.#git, repoDir, from, to);
  }

  readFile(repoDir: string, at: GitOid, path: string): Promise<FileContent | undefined> {
    return readPath(this.#git, repoDir, at, path);
  }

  readBlobs(repoDir: string, oids: readonly GitOid[]): Promise<ReadonlyMap<GitOid, FileContent>> {
    return readBlobs(this.#git, repoDir, oids);
  }

  async paths(repoDir: string, at: GitOid): Promise<ReadonlySet<string>> {
    const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', at];
    return new Set(zeroParts((await this.#git.run({ args, gitDir: repoDir })).stdout));
  }

  async rootNames(repoDir: string, at: GitOid): Promise<readonly string[]> {
    const listed = await this.#git.run({ args: ['ls-tree', '-z', '--name-only', at], gitDir: repoDir });
    return zeroParts(listed.stdout);
  }

  /** Files keep the mode that they have in the tree; new ones are plain. Git itself refuses paths that leave the tree. */
  async writeFiles(
    repoDir: string,
    tree: GitOid,
    files: readonly { readonly path: string; readonly text: string }[],
  ): Promise<GitOid> {
    const modes = await this.#modes(repoDir, tree, files);
    const entries: string[] = [];
    for (const { path, text } of files) {
      const blob = await this.#git.text({ args: ['hash-object', '-w', '--stdin'], gitDir: repoDir, stdin: text });
      entries.push('--cacheinfo', `${modes.get(path) ?? '100644'},${blob},${path}`);
    }
    const folder = await makeTempFolder('maestro-index-');
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      await this.#git.run({ args: ['read-tree', tree], gitDir: repoDir, env });
      await this.#git.run({ args: ['update-index', '--add', ...entries], gitDir: repoDir, env });
      return gitOid(await this.#git.text({ args: ['write-tree'], gitDir: repoDir, env }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async isAncestor(repoDir: string, ancestor: GitOid, descendant: GitOid): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant];
    return (await this.#git.run({ args, gitDir: repoDir, accept: [0, 1] })).exitCode === 0;
  }

  async mergeBase(repoDir: string, a: GitOid, b: GitOid): Promise<GitOid | undefined> {
    const found = await this.#git.run({ args: ['merge-base', a, b], gitDir: repoDir, accept: [0, 1] });
    return found.exitCode === 0 ? gitOid(found.stdout.toString('utf8').trim()) : undefined;
  }

  async #modes(
    repoDir: string,
    tree: GitOid,
    files: readonly { readonly path: string }[],
  ): Promise<ReadonlyMap<string, string>> {
    const args = ['ls-tree', '-z', '--full-tree', '--format=%(objectmode)%x09%(path)', tree, '--'];
    const listed = await this.#git.run({ args: [...args, ...files.map((file) => file.path)], gitDir: repoDir });
    return new Map(
      zeroParts(listed.stdout).map((line) => {
        const tab = line.indexOf('\t');
        return [line.slice(tab + 1), line.slice(0, tab)];
      }),
    );
  }

  async #revParse(repoDir: string, name: string): Promise<GitOid> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
    const found = await this.#git.run({ args, gitDir: repoDir, accept: [0, 1] });
    if (found.exitCode !== 0) throw gitFault('OBJECT_MISSING', `${repoDir} has no object ${name}`);
    return gitOid(found.stdout.toString('utf8').trim());
  }
}
