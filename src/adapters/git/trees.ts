import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '#adapters/files/remove-tree.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Trees } from '#exec/ports.ts';
import type { Millis } from '#kernel/clock.ts';
import { gitFault } from './errors.ts';
import { chownTree } from './folders.ts';
import { ATTRIBUTES } from './run-folder.ts';
import { makeScratch, sweepOldScratch } from './scratch.ts';

const PREFIX = 'tree';

/** Files of single trees in fresh folders below `root`, byte for byte as they are in the object store. */
export class GitTrees implements Trees {
  readonly #git: Git;
  readonly #root: string;
  readonly #userOf: (ordinal: number) => number | undefined;

  /** `userOf` is the sandbox's: who must own the files of a tenant. */
  constructor(options: { git: Git; root: string; userOf: (ordinal: number) => number | undefined }) {
    this.#git = options.git;
    this.#root = options.root;
    this.#userOf = options.userOf;
  }

  async materialise(request: {
    repoDir: string;
    tree: GitOid;
    ordinal: number;
  }): Promise<{ readonly dir: string; remove(): Promise<void> }> {
    const scratch = await makeScratch(this.#root, PREFIX);
    const remove = (): Promise<void> => removeTree(scratch);
    try {
      const dir = join(scratch, 'files');
      await mkdir(dir, { mode: 0o700 });
      await this.#checkOut(request, join(scratch, 'git'), dir);
      const user = this.#userOf(request.ordinal);
      if (user !== undefined) await chownTree(dir, user);
      return { dir, remove };
    } catch (cause) {
      await remove();
      throw cause;
    }
  }

  /** Removes what processes that were killed left behind: trees made before then. Gives how many. */
  sweep(before: Millis): Promise<number> {
    return sweepOldScratch(this.#root, PREFIX, before);
  }

  /** A git directory of its own hides configuration and attributes of the bare repository; only its objects are used. */
  async #checkOut(request: { repoDir: string; tree: GitOid }, gitDir: string, dir: string): Promise<void> {
    await Promise.all(['refs', 'objects', 'info'].map((name) => mkdir(join(gitDir, name), { recursive: true })));
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
    await writeFile(join(gitDir, 'info/attributes'), ATTRIBUTES);
    const place = { gitDir, workTree: dir, cwd: dir, env: { GIT_OBJECT_DIRECTORY: join(request.repoDir, 'objects') } };
    // Names that other systems forbid (`a\b`, say) are fine here; git still refuses `.git` and `..`.
    const allowed = ['-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false'];
    await this.#git.run({ ...place, args: [...allowed, 'read-tree', request.tree] });
    try {
      // Without --force a second name that the file system takes for the first is a fault and not a lost file.
      await this.#git.run({ ...place, args: [...allowed, 'checkout-index', '--all', '--quiet'] });
    } catch (cause) {
      throw gitFault('TREE_NOT_WRITABLE', `the files of tree ${request.tree} cannot be written to ${dir}`, { cause });
    }
    await removeTree(gitDir);
  }
}
