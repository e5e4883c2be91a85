import { readFile } from 'node:fs/promises';
import { MARK_NAME, type Owner, ownerOf, startOf, thisProcess } from './mark.ts';
import { listProcesses } from './proc.ts';

/**
 * Ends the programs whose Maestro died without ending them (SIGKILL, power of the container cut): the mark in their
 * environment names an owner that is no more. What a living process owns is never touched. Gives the pids.
 */
export async function endOrphans(): Promise<readonly number[]> {
  const here = thisProcess();
  if (here.namespace === '') return [];
  const ended: number[] = [];
  for (const { pid } of await listProcesses()) {
    const owner = await ownerOfProcess(pid);
    // Marks of another pid namespace name processes that cannot be seen from here.
    if (owner === undefined || owner.namespace !== here.namespace || isAlive(owner)) continue;
    try {
      process.kill(pid, 'SIGKILL');
      ended.push(pid);
    } catch {
      // It ended by itself, or belongs to someone who cleans up after themselves.
    }
  }
  return ended;
}

async function ownerOfProcess(pid: number): Promise<Owner | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  const mark = environment.split('\0').find((entry) => entry.startsWith(`${MARK_NAME}=`));
  return mark === undefined ? undefined : ownerOf(mark.slice(MARK_NAME.length + 1));
}

function isAlive({ pid, startedAt }: Owner): boolean {
  const start = startOf(pid);
  return start !== '' && start === startedAt;
}
