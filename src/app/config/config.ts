import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { nearest } from '#kernel/nearest.ts';
import { ConfigError } from './config-error.ts';
import { settingsIn } from './config-file.ts';
import { isSealed, type Setting } from './setting.ts';
import { environmentName, type SettingName, SETTINGS, type Settings } from './settings.ts';

/** Where a value comes from; `name` is the flag, the variable or the file. */
interface Origin {
  readonly kind: 'flag' | 'environment' | 'file' | 'default';
  readonly name: string;
}

/** One line of `maestro config show`: value as it would be written, `(set)` for a secret, null when absent. */
interface ShownSetting {
  readonly name: SettingName;
  readonly value: string | null;
  readonly origin: Origin;
}

export interface Config {
  readonly settings: Settings;
  readonly shown: readonly ShownSetting[];
  /** `PATH` of the environment. */
  readonly searchPath: string;
  /** `NODE_EXTRA_CA_CERTS` of the environment: certificates that this machine trusts beside Node's own. */
  readonly extraCa: string | undefined;
}

/** Texts by setting name, from one place. */
interface Layer {
  readonly kind: Origin['kind'];
  readonly texts: ReadonlyMap<string, string>;
  /** What the place calls the setting. */
  nameOf(setting: string): string;
}

const NAMES: readonly string[] = Object.keys(SETTINGS);

/**
 * Reads all settings: a flag wins over the environment, that over `<data>/config.yaml`, that over `maestro.config.yaml`
 * in the working directory, that over the default. Throws a ConfigError for unknown names and values that are not allowed.
 */
export function readConfig(given: {
  /** By setting name, as typed. */
  flags?: { readonly [setting: string]: string };
  env?: { readonly [variable: string]: string | undefined };
  cwd?: string;
}): Config {
  const cwd = given.cwd ?? process.cwd();
  const layers = [flagLayer(given.flags ?? {}), environmentLayer(given.env ?? process.env)];
  const here = fileLayer(join(cwd, 'maestro.config.yaml'));
  const data = resolve(cwd, read('dataDir', SETTINGS.dataDir, [...layers, here]).value ?? '');
  const kept = fileLayer(join(data, 'config.yaml'));
  if (kept.texts.has('dataDir')) {
    throw new ConfigError('CONFIG_BAD_VALUE', `${kept.nameOf('')} cannot say where it lies itself`, {
      setting: 'dataDir',
    });
  }

  const values: { [name: string]: unknown } = {};
  const shown: ShownSetting[] = [];
  // The cast is true: the table is frozen, so it has its own names only.
  for (const [name, row] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const { value, text, origin } = read(name, row, [...layers, kept, here]);
    values[name] = value;
    shown.push({ name, value: text === null || !row.secret ? text : '(set)', origin });
  }
  // The cast is true: each value was read by the kind of its own row.
  const settings = { ...values, dataDir: data } as Settings;
  refuseHalves(settings);
  const env = given.env ?? process.env;
  return { settings, shown, searchPath: env['PATH'] ?? '', extraCa: env['NODE_EXTRA_CA_CERTS'] };
}

function flagLayer(flags: { readonly [setting: string]: string }): Layer {
  const layer: Layer = { kind: 'flag', texts: new Map(Object.entries(flags)), nameOf: (setting) => `--${setting}` };
  return known(layer);
}

function environmentLayer(env: { readonly [variable: string]: string | undefined }): Layer {
  const texts = new Map<string, string>();
  const variables = new Map(NAMES.map((name) => [environmentName(name), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('MAESTRO_') || !text) continue;
    const name = variables.get(variable);
    if (name === undefined) throw unknownKey(variable, 'the environment', [...variables.keys()]);
    texts.set(name, text);
  }
  return { kind: 'environment', texts, nameOf: environmentName };
}

function fileLayer(path: string): Layer {
  return known({ kind: 'file', texts: settingsIn(path, textOf(path)), nameOf: () => path });
}

/** An absent file is an empty one. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new ConfigError('CONFIG_UNREADABLE', `cannot read ${path} (${code})`, { path }, cause);
  }
}

function known(layer: Layer): Layer {
  for (const name of layer.texts.keys()) {
    if (!Object.hasOwn(SETTINGS, name))
      throw unknownKey(name, layer.kind === 'flag' ? 'the command line' : layer.nameOf(name), NAMES);
  }
  return layer;
}

function unknownKey(name: string, where: string, candidates: readonly string[]): ConfigError {
  const meant = nearest(name, candidates);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return new ConfigError('CONFIG_UNKNOWN_KEY', `${where} has no setting ${name}${hint}`, {
    name,
    meant: meant ?? null,
  });
}

/** The value that wins, its text as it would be written, and where it comes from. */
function read<T>(
  name: string,
  row: Setting<T>,
  layers: readonly Layer[],
): { value: T | undefined; text: string | null; origin: Origin } {
  const layer = layers.find(({ texts }) => texts.has(name));
  const written = layer?.texts.get(name);
  if (layer === undefined || written === undefined) {
    const value = row.default instanceof Function ? row.default({ cores: availableParallelism() }) : row.default;
    return {
      value,
      text: value === undefined ? null : row.kind.show(value),
      origin: { kind: 'default', name: 'default' },
    };
  }
  const origin = { kind: layer.kind, name: layer.nameOf(name) };
  // Its key is in the data directory: whoever builds the system opens it.
  if (row.secret && isSealed(written)) return { value: written as T, text: written, origin };
  const value = row.kind.parse(written);
  if (value === undefined) {
    const got = row.secret ? '' : `, not ${JSON.stringify(written)}`;
    const message = `${name} (${origin.name}) must be ${row.kind.name}: ${row.kind.allowed}${got}`;
    throw new ConfigError('CONFIG_BAD_VALUE', message, {
      setting: name,
      origin: origin.name,
      allowed: row.kind.allowed,
    });
  }
  return { value, text: row.kind.show(value), origin };
}

/** Settings that need each other. */
function refuseHalves(settings: Settings): void {
  const halves = [
    ['engine.store', 'postgres', 'engine.postgresUrl'],
    ['engine.queue', 'bullmq', 'engine.redisUrl'],
    ['engine.policy', 'opa-server', 'engine.opaUrl'],
    ['engine.exec', 'reapi', 'exec.address'],
    ['carbon.source', 'electricity-maps', 'carbon.token'],
  ] as const;
  for (const [name, value, needed] of halves) {
    if (settings[name] === value && settings[needed] === undefined) {
      const message = `${name} is ${value}, so ${needed} (${environmentName(needed)}) must be set`;
      throw new ConfigError('CONFIG_INCOMPLETE', message, { setting: needed, because: name });
    }
  }
  if (settings.heartbeat * 2 > settings.lease) {
    throw new ConfigError(
      'CONFIG_BAD_VALUE',
      'heartbeat must be at most half of lease, or a living worker loses its task',
      {
        setting: 'heartbeat',
      },
    );
  }
}
