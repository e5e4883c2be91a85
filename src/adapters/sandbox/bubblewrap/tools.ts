import { access, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { findProgram } from '../find-program.ts';

/** Folder inside the walls that comes first on the PATH: the pinned Node and package managers from outside /usr. */
export const TOOLS = '/opt/maestro/bin';

export interface ToolBinds {
  /** Host paths and where they appear, read-only. */
  readonly mounts: readonly { readonly host: string; readonly at: string }[];
  readonly links: readonly { readonly target: string; readonly at: string }[];
}

const MANAGERS = ['npm', 'npx', 'pnpm', 'yarn'];

/** The pinned Node, and package managers that would not be seen because they are installed outside /usr. */
export async function findTools(options: { node: string; searchPath: string }): Promise<ToolBinds> {
  const mounts = new Map([[await realpath(options.node), `${TOOLS}/node`]]);
  const links: { target: string; at: string }[] = [];
  for (const name of MANAGERS) {
    const found = await findProgram(name, options.searchPath);
    if (found === undefined || found.startsWith('/usr/')) continue;
    const program = await realpath(found);
    const root = await packageRoot(program);
    if (root === undefined) continue;
    const at = mounts.get(root) ?? `/opt/maestro/lib/${name}`;
    mounts.set(root, at);
    links.push({ target: join(at, relative(root, program)), at: `${TOOLS}/${name}` });
  }
  return { mounts: [...mounts].map(([host, at]) => ({ host, at })), links };
}

async function packageRoot(program: string): Promise<string | undefined> {
  for (let folder = dirname(program); folder !== dirname(folder); folder = dirname(folder)) {
    const found = await access(join(folder, 'package.json')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return undefined;
}
