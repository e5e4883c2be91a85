import type { RE2JS } from 're2js';
import { z } from 'zod';
import { globFault, globSet } from '#domain/plugin-glob.ts';
import type { WorkspaceFiles } from '../../ports.ts';
import { textOf } from './text.ts';
import { no, tool, yes } from './tool.ts';

const MOST_FILES = 50_000;
const MOST_BYTES = 64 * 2 ** 20;
const MOST_FOUND = 200;
const LONGEST_LINE = 240;

/** Places in files, by a regular expression that takes linear time whatever it says (RE2). */
export const search = tool({
  name: 'search',
  description: `Searches the text files of the workspace line by line with a regular expression (RE2 syntax, no look-around), at most ${MOST_FOUND} places.`,
  args: z.strictObject({
    pattern: z.string().min(1).max(1000),
    glob: z.string().default('**').describe('Only in files that match, for example src/**'),
    ignoreCase: z.boolean().default(false),
  }),
  use: async ({ pattern, glob, ignoreCase }, { files }) => {
    const fault = globFault(glob);
    if (fault !== null) return no(`the glob ${fault}`);
    const expression = await compiled(pattern, ignoreCase);
    if (typeof expression === 'string') return no(expression);
    const wanted = globSet([glob]);
    const found = await places(files, (path) => wanted.matches(path), expression);
    return found.length === 0 ? no(`nothing matches ${pattern} in ${glob}`) : yes(found.join('\n'));
  },
});

async function compiled(pattern: string, ignoreCase: boolean): Promise<RE2JS | string> {
  const { RE2JS } = await import('re2js'); // loaded by the first search
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    return `the pattern cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function places(
  files: WorkspaceFiles,
  wanted: (path: string) => boolean,
  expression: RE2JS,
): Promise<readonly string[]> {
  const found: string[] = [];
  let bytes = 0;
  for (const path of await files.list(MOST_FILES)) {
    if (!wanted(path)) continue;
    // A file that is too large or has just gone holds no place that could be worked on.
    const content = await files.read(path).catch(() => undefined);
    const text = content === undefined ? undefined : textOf(content);
    if (text === undefined) continue;
    bytes += text.length;
    for (const [index, line] of text.split('\n').entries()) {
      if (!expression.matcher(line).find()) continue;
      found.push(`${path}:${index + 1}: ${line.trim().slice(0, LONGEST_LINE)}`);
      if (found.length >= MOST_FOUND) return [...found, '(more: narrow the pattern or the glob)'];
    }
    if (bytes > MOST_BYTES) return [...found, '(not all files were searched: narrow the glob)'];
  }
  return found;
}
