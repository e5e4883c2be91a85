import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Trees } from '#exec/ports.ts';
import { gitFault } from './errors.ts';
import { makeScratch } from './scratch.ts';

/** Sets every attribute by which git would change bytes back to "not said"; here it beats each `.gitattributes` of the tree. */
const PLAIN_ATTRIBUTES = '* !text !eol !crlf !ident !filter !working-tree-encoding\n';

/** Files of single trees in fresh folders below `root`, byte for byte as they are in the object store. */
export class GitTrees implements Trees {
  readonly #git: Git;
  readonly #root: string;
  readonly #ownerOf: (ordinal: number) => number | undefined;

  /** `ownerOf` gives the user and group that the files of a tenant shall belong to; undefined leaves them to this process. */
  constructor(options: { git: Git; root: string; ownerOf: (ordinal: number) => number | undefined }) {
    this.#git = options.git;
    this.#root = options.root;
    this.#ownerOf = options.ownerOf;
  }

  async materialise(request: {
    repoDir: string;
    tree: GitOid;
    ordinal: number;
  }): Promise<{ readonly dir: string; remove(): Promise<void> }> {
    const scratch = await makeScratch(this.#root, 'tree');
    const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    try {
      const dir = join(scratch, 'files');
      await mkdir(dir, { mode: 0o700 });
      await this.#checkOut(request, join(scratch, 'git'), dir);
      const owner = this.#ownerOf(request.ordinal);
      if (owner !== undefined) await changeOwner(scratch, owner);
      return { dir, remove };
    } catch (cause) {
      await remove();
      throw cause;
    }
  }

  /** A git directory of its own hides configuration and attributes of the bare repository; only its objects are used. */
  async #checkOut(request: { repoDir: string; tree: GitOid }, gitDir: string, dir: string): Promise<void> {
    await Promise.all(['refs', 'objects', 'info'].map((name) => mkdir(join(gitDir, name), { recursive: true })));
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
    await writeFile(join(gitDir, 'info/attributes'), PLAIN_ATTRIBUTES);
    const place = { gitDir, workTree: dir, env: { GIT_OBJECT_DIRECTORY: join(request.repoDir, 'objects') } };
    // Names that other systems forbid (`a\b`, `aux`) are allowed here; git still refuses `.git` and `..`.
    const allowed = process.platform === 'win32' ? [] : ['-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false'];
    await this.#git.run({ ...place, args: [...allowed, 'read-tree', request.tree] });
    try {
      // Without --force a second name that the file system takes for the first is a fault and not a lost file.
      await this.#git.run({ ...place, args: [...allowed, 'checkout-index', '--all', '--quiet'] });
    } catch (cause) {
      throw gitFault('TREE_NOT_WRITABLE', `the files of tree ${request.tree} cannot be written to ${dir}`, { cause });
    }
    await rm(gitDir, { recursive: true, force: true });
  }
}

/** Links themselves change hands, not what they lead to. */
async function changeOwner(dir: string, owner: number): Promise<void> {
  const child = spawn('chown', ['-R', '-h', '-P', `${owner}:${owner}`, dir], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  if (code !== 0) throw gitFault('TREE_NOT_WRITABLE', `the files in ${dir} cannot be given to user ${owner}`);
}
