import { readFile } from 'node:fs/promises';
import type { Clock } from '#kernel/clock.ts';
import { SANDBOX_ERRORS, SandboxError } from './errors.ts';
import type { Mark } from './mark.ts';
import { familyOf, listProcesses, type ProcessRow } from './proc.ts';

/**
 * Everything that one program started. A daemon that forks twice loses its parent, `setsid` loses group and session;
 * the mark in its environment stays unless the program clears it on purpose.
 */
export interface ProcessTree {
  /** Leader of the session and group in which the program began. */
  readonly leader: number;
  readonly mark: Mark;
}

const ROUNDS = 200;

/** Kills until nothing is left: what forks while being killed is found in the next round. */
export async function endTree(tree: ProcessTree, clock: Clock): Promise<void> {
  let left: readonly number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    left = await membersOf(tree);
    if (left.length === 0) return;
    for (const pid of left) kill(pid);
    await clock.sleep(round < 20 ? 2 : 25);
  }
  throw new SandboxError({
    code: 'SANDBOX_TREE_SURVIVED',
    message: `processes ${left.join(', ')} did not end when killed`,
    cure: SANDBOX_ERRORS.SANDBOX_TREE_SURVIVED.cure,
    details: { pids: left },
  });
}

async function membersOf(tree: ProcessTree): Promise<readonly number[]> {
  const rows = await listProcesses();
  if (rows.length === 0) return groupWithoutProc(tree.leader);
  const family = new Set(familyOf(tree.leader, rows));
  const belongs = async (row: ProcessRow): Promise<boolean> =>
    family.has(row) || row.group === tree.leader || row.session === tree.leader || isMarked(row.pid, tree.mark);
  const living = rows.filter((row) => row.state !== 'Z' && row.state !== 'X');
  const member = await Promise.all(living.map(belongs));
  return living.filter((_, index) => member[index]).map((row) => row.pid);
}

async function isMarked(pid: number, mark: Mark): Promise<boolean> {
  // Another user's environment cannot be read, and then it is not ours; neither is that of a process that has ended.
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(`${mark.name}=${mark.value}`);
}

/** Where there is no /proc (macOS) only the group can be found. */
function groupWithoutProc(leader: number): readonly number[] {
  return isAlive(-leader) ? [-leader] : [];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between being found and being killed.
  }
}
