import { z } from 'zod';
import { faultText, textOf } from './text.ts';
import { no, tool, yes } from './tool.ts';

const MOST_LINES = 400;
const LONGEST_LINE = 500;

/** Part of a file, with line numbers. */
export const read = tool({
  name: 'read',
  description: `Reads a text file of the workspace, at most ${MOST_LINES} lines at a time, each with its number.`,
  args: z.strictObject({
    path: z.string().describe('Relative to the workspace'),
    from: z.int().min(1).default(1).describe('First line'),
    lines: z.int().min(1).max(MOST_LINES).default(MOST_LINES),
  }),
  use: async ({ path, from, lines }, { files }) => {
    const bytes = await files.read(path).catch(faultText);
    if (bytes === undefined) return no(`there is no file ${path}`);
    if (typeof bytes === 'string') return no(bytes);
    const text = textOf(bytes);
    if (text === undefined) return no(`${path} is not text (${bytes.length} bytes)`);
    const all = text.split('\n');
    const part = all.slice(from - 1, from - 1 + lines);
    const numbered = part.map((line, i) => `${from + i}\t${line.slice(0, LONGEST_LINE)}`);
    const left = all.length - (from - 1 + part.length);
    return yes([...numbered, ...(left > 0 ? [`(${left} more lines)`] : [])].join('\n'));
  },
});
