import type { z } from 'zod';
import type { programSchema } from './program.ts';

type Row = z.input<typeof programSchema>;

const OPENCODE = {
  autoupdate: false,
  share: 'disabled',
  model: 'maestro/{model}',
  small_model: 'maestro/{model}',
  provider: {
    maestro: {
      npm: '@ai-sdk/openai-compatible',
      name: 'Maestro',
      options: { baseURL: '{url}/v1', apiKey: '{key}' },
      models: { '{model}': { name: '{model}', tool_call: true, limit: { context: 200_000, output: 32_000 } } },
    },
  },
};

/** `agents` and not the feature behind it: a session that is resumed before its first turn was on record would have it back. */
const CODEX = `model = "{model}"
model_provider = "maestro"
approval_policy = "on-request"
sandbox_mode = "danger-full-access"
web_search = "disabled"

[agents]
enabled = false

[model_providers.maestro]
name = "Maestro"
base_url = "{url}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
`;

/** Agents that are connected by their name as soon as their program is found. A new one is one row here. */
export const KNOWN_PROGRAMS: { readonly [name: string]: Row } = Object.freeze({
  opencode: {
    runner: 'acp',
    program: 'opencode',
    args: ['acp'],
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify(OPENCODE),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
  },
  'claude-code': {
    runner: 'acp',
    program: 'claude-agent-acp',
    speaks: 'messages',
    env: {
      ANTHROPIC_BASE_URL: '{url}',
      ANTHROPIC_AUTH_TOKEN: '{key}',
      ANTHROPIC_MODEL: '{model}',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: '{model}',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
    },
  },
  codex: {
    runner: 'acp',
    program: 'codex-acp',
    speaks: 'responses',
    env: {
      OPENAI_API_KEY: '{key}',
      OPENAI_BASE_URL: '{url}/v1',
      CODEX_HOME: '/tmp/home/.codex',
      // Its own walls cannot be built inside the walls that it stands in.
      INITIAL_AGENT_MODE: 'agent-full-access',
    },
    files: { '.codex/config.toml': CODEX },
    auth: 'openai-api-key',
  },
  gemini: {
    runner: 'acp',
    program: 'gemini',
    args: ['--acp'],
    speaks: 'gemini',
    env: { GEMINI_API_KEY: '{key}', GOOGLE_GEMINI_BASE_URL: '{url}', GEMINI_MODEL: '{model}' },
    auth: 'gemini-api-key',
  },
});
