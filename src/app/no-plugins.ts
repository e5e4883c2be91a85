import type { PluginHost } from '#agents/index.ts';

/** The host while no plugin is installed: it lists none and refuses each call. */
export const noPlugins: PluginHost = {
  list: () => Promise.resolve([]),
  call: ({ id }) => Promise.resolve({ ok: false, code: 'PLUGIN_UNKNOWN', reasons: [`no plugin "${id}" is installed`] }),
};
