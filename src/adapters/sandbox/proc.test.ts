import { describe, expect, it } from 'vitest';
import { familyOf, listProcesses, type ProcessRow } from './proc.ts';

const row = (pid: number, parent: number): ProcessRow => ({ pid, parent, state: 'S', group: 1, session: 1, cpuMs: 0 });

describe('processes', () => {
  it('belong to a family by their parents, however deep and in whatever order', () => {
    const rows = [row(9, 5), row(3, 2), row(5, 3), row(2, 1), row(4, 1)];

    expect(familyOf(2, rows).map((each) => each.pid)).toEqual([2, 3, 5, 9]);
  });

  it.runIf(process.platform === 'linux')('are read from /proc with their parent', async () => {
    const own = (await listProcesses()).find((each) => each.pid === process.pid);

    expect(own).toMatchObject({ parent: process.ppid });
    expect(own?.cpuMs).toBeGreaterThan(0);
  });
});
