import { z } from 'zod';
import type { RunContext } from '../../runner.ts';
import { faultText, textOf } from './text.ts';
import { no, tool, type ToolResult, yes } from './tool.ts';

/** Exact replacement: what is to be replaced must stand in the file once, so that nothing is changed by accident. */
export const edit = tool({
  name: 'edit',
  description:
    'Replaces a text in a file by another one. The old text must be exactly as in the file, without line numbers, and stand there once; with all: true every place is replaced.',
  args: z.strictObject({
    path: z.string(),
    old: z.string().min(1),
    new: z.string(),
    all: z.boolean().default(false),
  }),
  use: async ({ path, old, new: replacement, all }, context) => {
    if (old === replacement) return no('old and new are equal');
    const bytes = await context.files.read(path).catch(faultText);
    if (bytes === undefined) return no(`there is no file ${path}; make it with create`);
    if (typeof bytes === 'string') return no(bytes);
    const text = textOf(bytes);
    if (text === undefined) return no(`${path} is not text`);
    const count = text.split(old).length - 1;
    if (count === 0) return no(`old does not stand in ${path}: read the file and copy it exactly`);
    if (count > 1 && !all)
      return no(`old stands in ${path} ${count} times: give more of the text around it, or all: true`);
    const parts = text.split(old);
    return written(context, path, parts.join(replacement), `${count === 1 ? 'one place' : `${count} places`} replaced`);
  },
});

/** A new file. */
export const create = tool({
  name: 'create',
  description: 'Makes a new text file, with the folders on the way. A file that exists is changed with edit.',
  args: z.strictObject({ path: z.string(), text: z.string() }),
  use: async ({ path, text }, context) => {
    const there = await context.files.read(path).catch(faultText);
    if (typeof there === 'string') return no(there);
    if (there !== undefined) return no(`${path} exists: change it with edit`);
    return written(context, path, text, 'made');
  },
});

async function written(context: RunContext, path: string, text: string, done: string): Promise<ToolResult> {
  const refused = await context.mayChange([path]);
  if (refused !== undefined) return no(`${refused.code}: ${refused.msg}; ${refused.fix}`);
  const fault = await context.files.write(path, Buffer.from(text)).then(() => undefined, faultText);
  return fault === undefined ? yes(`${path}: ${done}`) : no(fault);
}
