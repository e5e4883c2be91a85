import { may, text } from '../setting.ts';

/** Plugins: how registries are logged in to. */
export const PLUGIN_SETTINGS = {
  'plugins.registryUser': may({
    kind: text,
    text: 'Name that Maestro logs in with at a registry of plugins.',
    example: 'robot',
  }),
  'plugins.registryToken': may({
    kind: text,
    text: 'Token or password for that name; rather in a file of its own, see plugins.registryTokenFile.',
    example: 'glpat-0123456789',
    secret: true,
  }),
  'plugins.registryTokenFile': may({
    kind: text,
    text: 'File that holds nothing but the token; wins over plugins.registryToken.',
    example: '/run/secrets/registry',
  }),
};
