import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { hasEnded, processMark } from './process-mark.ts';

describe('the mark of a process', () => {
  it('says that a living process has not ended', () => {
    expect(hasEnded(processMark())).toBe(false);
  });

  it('says that a killed one has ended, also while its number is in use again', async () => {
    const [boot, namespace, pid, start] = processMark().split('/');
    const child = spawn('sleep', ['60']);
    const living = `${boot}/${namespace}/${child.pid}`;
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(hasEnded(`${living}/${start}`)).toBe(true);
    expect(hasEnded(`${boot}/${namespace}/${pid}/${Number(start) - 1}`)).toBe(true);
  });

  it('claims nothing about processes that cannot be seen from here, or of unreadable marks', () => {
    const [boot, namespace] = processMark().split('/');
    for (const mark of ['', 'x', `${boot}/1/999999/5`, `other/${namespace}/999999/5`, `${boot}/${namespace}/x/5`])
      expect(hasEnded(mark), mark).toBe(false);
  });
});
