import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '#kernel/clock.ts';

/** A control group in which a program and all that it starts share one bound of memory, temporary files among it. */
interface MemoryGroup extends AsyncDisposable {
  /** Put before an argument list, it runs the program inside the group. */
  readonly enter: readonly string[];
}

export interface MemoryGroups {
  make(bytes: number): Promise<MemoryGroup>;
}

// Version 1 has a hierarchy for memory alone; version 2 one for all. In both a group is a folder.
const KINDS = [
  { root: '/sys/fs/cgroup/memory', line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m, limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', line: undefined, limit: 'memory.max' },
] as const;

// A fixed text; the file and the program arrive as arguments.
const ENTER = 'echo $$ > "$0" && exec "$@"';
const NAME = /^maestro-(\d+)-\d+$/;
const TRIES = 50;

/** Groups as this machine lets this user make them; undefined where it does not. Tried once for real. */
export async function findMemoryGroups(clock: Clock): Promise<MemoryGroups | undefined> {
  const own = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  for (const { root, line, limit } of KINDS) {
    const parent = join(root, line?.exec(own)?.[1] ?? '');
    const groups = groupsIn(parent, limit, clock);
    try {
      await removeAbandoned(parent);
      await using group = await groups.make(64 * 1024 ** 2);
      const [program = '', ...args] = group.enter;
      await promisify(execFile)(program, [...args, '/bin/true']);
      return groups;
    } catch {
      // Not there, or not for this user.
    }
  }
  return undefined;
}

function groupsIn(parent: string, limit: string, clock: Clock): MemoryGroups {
  let made = 0;
  const make = async (bytes: number): Promise<MemoryGroup> => {
    const folder = join(parent, `maestro-${process.pid}-${++made}`);
    await mkdir(folder);
    try {
      await writeFile(join(folder, limit), String(bytes));
    } catch (fault) {
      await rmdir(folder);
      throw fault;
    }
    return {
      enter: ['/bin/sh', '-c', ENTER, join(folder, 'cgroup.procs')],
      [Symbol.asyncDispose]: () => removeEmptied(folder, clock),
    };
  };
  return { make };
}

/** The kernel counts a process that was killed for a moment longer. */
async function removeEmptied(folder: string, clock: Clock): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    const gone = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (gone) return;
    await clock.sleep(20);
  }
}

/** Groups of processes that are no more. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rmdir(join(parent, name)).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
