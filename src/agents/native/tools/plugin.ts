import { z } from 'zod';
import type { Json } from '#kernel/json.ts';
import type { PluginTool } from '../../ports.ts';
import { no, tool, type Tool, yes } from './tool.ts';
import { capped } from './text.ts';

const MOST_SHOWN = 16_000;

/** An installed plugin as one more tool: it runs in its own WebAssembly sandbox, with what its manifest was granted. */
export function pluginTool({ id, version, summary, input: parameters }: PluginTool): Tool {
  const loose = tool({
    name: nameOf(id),
    description: `Plugin ${id} ${version}${summary === '' ? '' : `: ${summary}`}`,
    args: z.looseObject({}),
    use: async (input, { plugins, workspace }, signal) => {
      // The cast is true: the model's arguments were read from JSON.
      const result = await plugins.call({ id, input: input as Json, workspace: workspace.dir }, signal);
      if (!result.ok) return no(`${result.code}: ${result.reasons.map(({ msg }) => msg).join('; ')}`);
      return yes(capped(typeof result.output === 'string' ? result.output : JSON.stringify(result.output), MOST_SHOWN));
    },
  });
  // The plugin judges its input itself, so nothing is checked twice; the model is told the schema of the manifest.
  return { ...loose, parameters };
}

/** Models take letters, digits, dashes and underscores, at most 64. */
function nameOf(id: string): string {
  return `plugin_${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}`.slice(0, 64);
}
