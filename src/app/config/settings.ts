import type { Setting } from './setting.ts';
import { AGENT_SETTINGS } from './settings/agents.ts';
import { CARBON_SETTINGS } from './settings/carbon.ts';
import { ENGINE_SETTINGS } from './settings/engines.ts';
import { GATEWAY_SETTINGS } from './settings/gateway.ts';
import { IDENTITY_SETTINGS } from './settings/identity.ts';
import { LANDING_SETTINGS } from './settings/landing.ts';
import { MONEY_SETTINGS } from './settings/money.ts';
import { PRIVACY_SETTINGS } from './settings/privacy.ts';
import { PLUGIN_SETTINGS } from './settings/plugins.ts';
import { PROCESS_SETTINGS } from './settings/process.ts';
import { SANDBOX_SETTINGS } from './settings/sandbox.ts';
import { SECRETS_SETTINGS } from './settings/secrets.ts';
import { SERVING_SETTINGS } from './settings/serving.ts';
import { TENANT_SETTINGS } from './settings/tenant.ts';

/** The one table of settings: validation, reference page, environment names and `maestro config show` are made from it. */
export const SETTINGS = Object.freeze({
  ...PROCESS_SETTINGS,
  ...ENGINE_SETTINGS,
  ...SANDBOX_SETTINGS,
  ...AGENT_SETTINGS,
  ...MONEY_SETTINGS,
  ...TENANT_SETTINGS,
  ...PRIVACY_SETTINGS,
  ...PLUGIN_SETTINGS,
  ...LANDING_SETTINGS,
  ...GATEWAY_SETTINGS,
  ...CARBON_SETTINGS,
  ...SECRETS_SETTINGS,
  ...SERVING_SETTINGS,
  ...IDENTITY_SETTINGS,
});

export type SettingName = keyof typeof SETTINGS;

type ValueOf<Row> = Row extends Setting<infer T> ? (Row extends { default: unknown } ? T : T | undefined) : never;

/** Every setting with its value, in the units of the program. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** `sandbox.mode` is `MAESTRO_SANDBOX_MODE` in the environment. */
export function environmentName(name: string): string {
  return `MAESTRO_${name.replace('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
