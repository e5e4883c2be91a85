import type { Json } from '#kernel/json.ts';
import type { PluginResult } from '../../ports.ts';
import { counted } from '../counted.ts';
import type { RecipeReport } from '../recipe.ts';

const MOST_SHOWN = 600;

/** What a plugin came to, as a recipe reports it: edits are a change, a refusal fails, anything else is no change. */
export function pluginReport(id: string, result: PluginResult): RecipeReport {
  if (!result.ok) return { kind: 'failed', reasons: result.reasons };
  const said = errorIn(result.output);
  if (said !== undefined) {
    const reason = { code: 'PLUGIN_SAYS_NO', msg: `${id}: ${said}`, field: 'task.work.params.input' };
    return { kind: 'failed', reasons: [{ ...reason, fix: 'Correct the input as the plugin says' }] };
  }
  const { edited, output } = result;
  if (edited.length === 0) return { kind: 'no_change', summary: `${id} changed nothing: ${shown(output)}` };
  const summary = `${id} edited ${counted(edited.length, 'file')}`;
  return { kind: 'change', summary, files: edited, places: edited.length, warnings: [] };
}

/** By convention a plugin that cannot do what was asked gives `{error: "why"}`. */
function errorIn(output: Json): string | undefined {
  if (typeof output !== 'object' || output === null || !('error' in output)) return undefined;
  return typeof output['error'] === 'string' ? output['error'] : undefined;
}

function shown(output: Json): string {
  const text = JSON.stringify(output);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
