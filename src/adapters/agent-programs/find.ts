import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AgentProgram, FoundProgram } from '#agents/ports.ts';

/** Where each agent's program stands on this machine, and what must be readable inside the walls to start it. */
export async function findPrograms(
  programs: ReadonlyMap<string, AgentProgram>,
  searchPath: string,
): Promise<readonly FoundProgram[]> {
  return Promise.all(
    [...programs].map(async ([name, program]) => {
      const path = await placeOf(program.program, searchPath);
      const own = path === undefined ? [] : neededBy(path);
      return { ...program, name, path, readOnly: [...program.readOnly, ...own] };
    }),
  );
}

async function placeOf(program: string, searchPath: string): Promise<string | undefined> {
  const places = isAbsolute(program) ? [program] : searchPath.split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    if (!isAbsolute(place)) continue;
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return realpath(place);
  }
  return undefined;
}

const INSTALLED = '/node_modules/';

/** A package of npm needs whatever is installed beside it; what lies in the system's folders is seen anyway. */
function neededBy(path: string): readonly string[] {
  const at = path.indexOf(INSTALLED);
  if (at >= 0) return path.startsWith('/usr/') ? [] : [path.slice(0, at + INSTALLED.length - 1)];
  return ['/usr/', '/bin/', '/sbin/', '/lib/'].some((folder) => path.startsWith(folder)) ? [] : [path];
}
