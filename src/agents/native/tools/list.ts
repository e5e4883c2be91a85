import { z } from 'zod';
import { globFault, globSet } from '#domain/plugin-glob.ts';
import { no, tool, yes } from './tool.ts';

const MOST_FILES = 50_000;
const MOST_SHOWN = 400;

/** Names of files. */
export const list = tool({
  name: 'list',
  description: `Lists files of the workspace whose path matches a glob (* within a folder, ** through folders; write a leading dot to see hidden ones), at most ${MOST_SHOWN}.`,
  args: z.strictObject({ glob: z.string().default('**').describe('For example src/**') }),
  use: async ({ glob }, { files }) => {
    const fault = globFault(glob);
    if (fault !== null) return no(`the glob ${fault}`);
    const wanted = globSet([glob]);
    const found = (await files.list(MOST_FILES)).filter((path) => wanted.matches(path));
    if (found.length === 0) return no(`no file matches ${glob}`);
    const left = found.length - MOST_SHOWN;
    return yes([...found.slice(0, MOST_SHOWN), ...(left > 0 ? [`(${left} more)`] : [])].join('\n'));
  },
});
