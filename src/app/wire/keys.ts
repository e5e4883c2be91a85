import { join, resolve } from 'node:path';
import { DataKeys, type MasterKeyPlace } from '#adapters/keys/index.ts';
import type { Random } from '#kernel/random.ts';
import { ConfigError } from '../config/config-error.ts';
import { isSealed, SEALED, type Setting } from '../config/setting.ts';
import { environmentName, SETTINGS, type Settings } from '../config/settings.ts';

/** The data keys of tenants and of the installation, in the data directory. */
export function dataKeysOf(settings: Settings, random: Random): DataKeys {
  return new DataKeys({ dir: join(settings.dataDir, 'keys', 'data'), master: masterKeyPlace(settings), random });
}

/** Where the settings say that the master key is. */
function masterKeyPlace(settings: Settings): MasterKeyPlace {
  const { 'secrets.masterKey': text, 'secrets.masterKeyFile': file, dataDir } = settings;
  if (text !== undefined) return { text, from: 'secrets.masterKey' };
  if (file !== undefined) return { file: resolve(dataDir, file), make: false };
  return { file: join(dataDir, 'keys', 'master.key'), make: true };
}

/** A secret as it was before `maestro secret seal`; one that is not sealed as it is. */
export function opener(keys: Pick<DataKeys, 'open'>): (text: string) => string {
  return (text) => (isSealed(text) ? keys.open(text.slice(SEALED.length)) : text);
}

/** The settings with their sealed secrets opened. Throws CONFIG_BAD_VALUE for what a setting cannot be. */
export function withOpenSecrets(settings: Settings, open: (text: string) => string): Settings {
  const opened: { [name: string]: unknown } = { ...settings };
  for (const [name, row] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const value = opened[name];
    if (row.secret !== true || typeof value !== 'string' || !isSealed(value)) continue;
    opened[name] = row.kind.parse(open(value));
    if (opened[name] !== undefined) continue;
    const message = `${name} (${environmentName(name)}), unsealed, must be ${row.kind.name}: ${row.kind.allowed}`;
    throw new ConfigError('CONFIG_BAD_VALUE', message, { setting: name, allowed: row.kind.allowed });
  }
  // The cast is true: each value is the one that it was, or was read by the kind of its own row.
  return opened as Settings;
}
