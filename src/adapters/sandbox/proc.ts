import { readdir, readFile } from 'node:fs/promises';

/** One row of /proc/<pid>/stat, as far as it is needed here. */
export interface ProcessRow {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Own and reaped children's user and system time. */
  readonly cpuMs: number;
}

const MS_PER_TICK = 10; // USER_HZ is 100 on every Linux platform that Node runs on.

/** All processes that can be seen; empty where there is no /proc. */
export async function listProcesses(): Promise<readonly ProcessRow[]> {
  const names = await readdir('/proc').catch(() => []);
  const rows = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readRow));
  return rows.filter((row) => row !== undefined);
}

async function readRow(pid: string): Promise<ProcessRow | undefined> {
  // A process that ends between listing and reading is simply not there any more.
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  if (text === '') return undefined;
  // The name in brackets may hold spaces and brackets; fields are counted from after its end (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? 0);
  return {
    pid: Number(pid),
    state: fields[0] ?? '',
    parent: number(1),
    group: number(2),
    session: number(3),
    cpuMs: (number(11) + number(12) + number(13) + number(14)) * MS_PER_TICK,
  };
}

/** `root` and everything that descends from it by parents. */
export function familyOf(root: number, rows: readonly ProcessRow[]): readonly ProcessRow[] {
  const children = Map.groupBy(rows, (row) => row.parent);
  const family = rows.filter((row) => row.pid === root);
  for (const member of family) family.push(...(children.get(member.pid) ?? []));
  return family;
}

/** Processor time of a living process and its descendants, in ms. */
export async function cpuOfFamily(root: number): Promise<number> {
  const family = familyOf(root, await listProcesses());
  return family.reduce((sum, row) => sum + row.cpuMs, 0);
}
