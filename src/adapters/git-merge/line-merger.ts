import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import type { Git } from '#domain/git.ts';
import type { LineMerger } from '#merge/ports.ts';

/** `git merge-file` says by its exit code how many conflicts it left, 127 for that many or more. */
export const CONFLICT_CODES: readonly number[] = Array.from({ length: 128 }, (_, code) => code);

/** Git's own merge of three texts, with `diff3` markers. */
export function gitLineMerger(git: Git): LineMerger {
  return {
    async merge({ base, ours, theirs }) {
      const dir = await makeTempFolder('maestro-merge-');
      try {
        const paths = [join(dir, 'ours'), join(dir, 'base'), join(dir, 'theirs')];
        await Promise.all([ours, base, theirs].map((text, i) => writeFile(paths[i]!, text)));
        const args = ['merge-file', '-p', '--diff3', '-L', 'ours', '-L', 'base', '-L', 'theirs', ...paths];
        const { exitCode, stdout } = await git.run({ args, accept: CONFLICT_CODES });
        return { clean: exitCode === 0, text: stdout.toString('utf8') };
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}
