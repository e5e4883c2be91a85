import { z } from 'zod';
import { no, tool, type ToolResult, yes } from './tool.ts';

const text = z.string().min(1).max(2000);

const argsSchema = z.strictObject({
  kind: z.enum(['change', 'no_change', 'needs_human']),
  summary: text.describe('One sentence for the title of the change, or why nothing was to be done, or what blocks you'),
  nextStep: text.optional().describe('For needs_human: the smallest safe next step, with its cost and risk'),
});

/** The end of the work. What it says is held against what git sees. */
export const finish = tool({
  name: 'finish',
  description:
    'Ends the work: change (files are changed and tested), no_change (rightly nothing to do) or needs_human (blocked).',
  args: argsSchema,
  use: async ({ kind, nextStep }, context): Promise<ToolResult> => {
    const differs = (await context.changes()) !== '';
    if (kind === 'change' && !differs)
      return no('no file differs from the base: make the change, or finish with no_change');
    if (kind === 'no_change' && differs) return no('files differ from the base: finish with change, or undo the edits');
    if (kind === 'needs_human' && nextStep === undefined) return no('say the smallest safe next step in nextStep');
    return yes(`finished with ${kind}`);
  },
});

/** What a finish that was accepted said. */
export function readFinish(args: unknown): z.output<typeof argsSchema> {
  return argsSchema.parse(args);
}
