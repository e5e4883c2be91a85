import type { Json } from '#kernel/json.ts';
import type { PluginRecipe } from '../recipe.ts';

export const plugin: PluginRecipe = {
  name: 'plugin',
  text: 'Runs a plugin of the tenant on the repository; its edits become the change, as far as its rights go.',
  params: [
    {
      name: 'id',
      text: 'the plugin, as `maestro plugin list` shows it',
      required: true,
      example: 'plugin.ast-codemod',
    },
    {
      name: 'input',
      text: 'what it is given, as JSON',
      required: true,
      example: '{"pattern": "log($A)", "rewrite": "print($A)"}',
      problem: (value) => (parsed(value) === undefined ? 'is not JSON' : undefined),
    },
  ],
  call: ({ id = '', input = '' }) => ({ id, input: parsed(input) ?? null }),
};

function parsed(text: string): Json | undefined {
  try {
    // The cast is true: JSON.parse gives JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // the caller says so
  }
}
