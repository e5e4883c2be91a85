import { GatewayError } from '../errors.ts';
import type { FormatName, JsonObject } from './format.ts';
import { isObject, listIn, textIn } from './read.ts';

/** Parameters whose price and reach are known; from the request types of the official clients. */
const KNOWN: { readonly [format in FormatName]: ReadonlySet<string> } = {
  chat: new Set(
    (
      'messages model stream stream_options max_tokens max_completion_tokens n temperature top_p top_k stop seed tools tool_choice ' +
      'parallel_tool_calls response_format reasoning_effort verbosity frequency_penalty presence_penalty logit_bias logprobs ' +
      'top_logprobs user metadata store safety_identifier prompt_cache_key prompt_cache_retention prompt_cache_options functions function_call'
    ).split(' '),
  ),
  responses: new Set(
    (
      'input model stream stream_options max_output_tokens instructions temperature top_p tools tool_choice parallel_tool_calls ' +
      'reasoning text include metadata store truncation user safety_identifier prompt_cache_key prompt_cache_retention ' +
      'prompt_cache_options top_logprobs max_tool_calls client_metadata'
    ).split(' '),
  ),
  messages: new Set(
    (
      'messages model stream max_tokens system temperature top_p top_k stop_sequences tools tool_choice thinking metadata ' +
      'cache_control output_config output_format context_management'
    ).split(' '),
  ),
};

/** Tools that the provider itself would run are billed apart and reach out by themselves; these run at the client. */
const CLIENT_TOOL =
  /^(function|custom|shell|local_shell|apply_patch|bash_\d+|text_editor_\d+|memory_\d+|computer_\d+)$/;

/** Values that cost nothing beyond the plain price. */
const FREE: { readonly [parameter: string]: readonly unknown[] } = {
  service_tier: ['auto', 'default', 'standard_only'],
  background: [false],
  modalities: [undefined],
  previous_response_id: [],
  conversation: [],
};

/**
 * Throws PARAMETER_REFUSED for what would escape the bound: tools that run at the provider, other service tiers, state
 * kept under the company's key, and parameters that are not known here. A self-hosted server has prices and
 * parameters of its own, so there the unknown ones pass.
 */
export function checkParameters(format: FormatName, body: JsonObject, selfHosted: boolean): void {
  for (const [name, value] of Object.entries(body)) {
    if (KNOWN[format].has(name) || value === null || value === undefined || FREE[name]?.includes(value) === true)
      continue;
    if (selfHosted && FREE[name] === undefined) continue;
    throw refused(name, `the parameter ${name} is refused`);
  }
  for (const tool of listIn(body, 'tools')) {
    const type = isObject(tool) ? textIn(tool, 'type') : undefined;
    if (type === undefined || CLIENT_TOOL.test(type)) continue;
    throw refused('tools', `the tool ${type} runs at the provider and is refused`);
  }
}

/** Parameters that are free in one value only are left out, so that the provider's account settings cannot change the price. */
export function withoutTiers(body: JsonObject): JsonObject {
  if (body['service_tier'] === undefined && body['background'] === undefined) return body;
  const { service_tier: _tier, background: _background, ...rest } = body;
  return rest;
}

function refused(field: string, message: string): GatewayError {
  return new GatewayError('PARAMETER_REFUSED', message, { field });
}
