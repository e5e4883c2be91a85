import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LineMerger } from '#merge/ports.ts';

const run = promisify(execFile);
const markers = ['-L', 'ours', '-L', 'base', '-L', 'theirs'];

/** Git's `merge-file` on three temporary files. */
export const gitLineMerger: LineMerger = {
  async merge({ base, ours, theirs }) {
    const dir = await mkdtemp(join(tmpdir(), 'maestro-merge-'));
    try {
      const paths = ['ours', 'base', 'theirs'].map((name) => join(dir, name));
      await Promise.all([ours, base, theirs].map((text, i) => writeFile(paths[i]!, text)));
      return await mergeFiles(paths);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

/** Exit codes 1 to 127 count the conflicts; anything above is an error. */
async function mergeFiles(paths: readonly string[]): Promise<{ clean: boolean; text: string }> {
  try {
    const { stdout } = await run('git', ['merge-file', '-p', '--diff3', ...markers, ...paths], { maxBuffer: 1 << 28 });
    return { clean: true, text: stdout };
  } catch (fault) {
    const { code, stdout } = fault as { code?: unknown; stdout?: unknown };
    if (typeof code !== 'number' || code > 127 || typeof stdout !== 'string') throw fault;
    return { clean: false, text: stdout };
  }
}
