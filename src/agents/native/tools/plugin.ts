import { z } from 'zod';
import type { Json } from '#kernel/json.ts';
import { no, tool, type Tool, yes } from './tool.ts';
import { capped } from './text.ts';

const MOST_SHOWN = 16_000;

/** An installed plugin as tools see it. */
export type PluginTool = { readonly id: string; readonly version: string; readonly summary: string };

/** An installed plugin as one more tool: it runs in its own WebAssembly sandbox, with what its manifest was granted. */
export function pluginTool({ id, version, summary }: PluginTool): Tool {
  return tool({
    name: nameOf(id),
    description: `Plugin ${id} ${version}${summary === '' ? '' : `: ${summary}`}`,
    args: z.looseObject({}),
    use: async (input, { plugins, workspace }, signal) => {
      // The cast is true: the model's arguments were read from JSON.
      const result = await plugins.call({ id, input: input as Json, workspace: workspace.dir }, signal);
      if (!result.ok) return no(`${result.code}: ${result.reasons.join('; ')}`);
      return yes(capped(typeof result.output === 'string' ? result.output : JSON.stringify(result.output), MOST_SHOWN));
    },
  });
}

/** Models take letters, digits, dashes and underscores, at most 64. */
function nameOf(id: string): string {
  return `plugin_${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}`.slice(0, 64);
}
