import { create, edit } from './edit.ts';
import { finish } from './finish.ts';
import { list } from './list.ts';
import type { PluginTool } from '../../ports.ts';
import { pluginTool } from './plugin.ts';
import { read } from './read.ts';
import { run, test } from './run.ts';
import { search } from './search.ts';
import type { Tool } from './tool.ts';

const OWN: readonly Tool[] = [list, read, search, edit, create, run, test, finish];

/** Every tool of a run, its own first: the order is the same at each call, so that prompt caches keep it. */
export function toolsWith(plugins: readonly PluginTool[]): ReadonlyMap<string, Tool> {
  const tools = [...OWN, ...plugins.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(pluginTool)];
  return new Map(tools.map((each) => [each.name, each]));
}
