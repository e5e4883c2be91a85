import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'maestro-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function write(path: string, yaml: string): void {
  mkdirSync(join(cwd, '.maestro'), { recursive: true });
  writeFileSync(join(cwd, path), yaml);
}

function originOf(config: ReturnType<typeof readConfig>, setting: string) {
  return config.shown.find(({ name }) => name === setting);
}

describe('the configuration', () => {
  it('works when it is empty', () => {
    const { settings, shown } = readConfig({ cwd, env: {} });

    expect(settings.dataDir).toBe(join(cwd, '.maestro'));
    expect(settings.workers).toBe(availableParallelism());
    expect(settings['engine.store']).toBe('sqlite');
    expect(settings['engine.postgresUrl']).toBeUndefined();
    expect(settings['budget.preemptBelowUsd']).toBe(100_000_000);
    expect(shown.every(({ origin }) => origin.kind === 'default')).toBe(true);
  });

  it('takes a flag before the environment, that before the file of the data, that before the file here', () => {
    write('maestro.config.yaml', 'workers: 1\nlog: { level: debug }\nhttp.port: 1\nbackport: { branches: [a, b] }\n');
    write('.maestro/config.yaml', 'workers: 2\nhttp: { port: 2 }\nlog.level: warn\n');
    const env = { MAESTRO_WORKERS: '3', MAESTRO_HTTP_PORT: '3', MAESTRO_LOG_LEVEL: '' };

    const config = readConfig({ cwd, env, flags: { workers: '4' } });

    expect(config.settings).toMatchObject({
      workers: 4,
      'http.port': 3,
      'log.level': 'warn',
      'backport.branches': ['a', 'b'],
    });
    expect(originOf(config, 'workers')).toEqual({
      name: 'workers',
      value: '4',
      origin: { kind: 'flag', name: '--workers' },
    });
    expect(originOf(config, 'http.port')?.origin).toEqual({ kind: 'environment', name: 'MAESTRO_HTTP_PORT' });
    expect(originOf(config, 'log.level')?.origin).toEqual({ kind: 'file', name: join(cwd, '.maestro/config.yaml') });
    expect(originOf(config, 'backport.branches')).toMatchObject({ value: 'a, b', origin: { kind: 'file' } });
  });

  it('finds the data directory from the file here, and its file there', () => {
    write('maestro.config.yaml', 'dataDir: elsewhere\n');
    mkdirSync(join(cwd, 'elsewhere'));
    write('elsewhere/config.yaml', 'workers: 7\n');

    const { settings } = readConfig({ cwd, env: {} });

    expect(settings).toMatchObject({ dataDir: join(cwd, 'elsewhere'), workers: 7 });
  });

  it('never shows a secret', () => {
    const token = 'em_topsecret';

    const { settings, shown } = readConfig({
      cwd,
      env: { MAESTRO_CARBON_TOKEN: token, MAESTRO_CARBON_SOURCE: 'electricity-maps' },
    });

    expect(settings['carbon.token']).toBe(token);
    expect(shown).toContainEqual({
      name: 'carbon.token',
      value: '(set)',
      origin: { kind: 'environment', name: 'MAESTRO_CARBON_TOKEN' },
    });
    expect(JSON.stringify(shown)).not.toContain(token);
  });
});

describe('a wrong configuration', () => {
  const refusal = (given: Parameters<typeof readConfig>[0]) => {
    try {
      readConfig({ cwd, env: {}, ...given });
    } catch (error) {
      return error;
    }
    return 'not refused';
  };

  it('is refused with a hint when a name is unknown, wherever it stands', () => {
    const code = 'CONFIG_UNKNOWN_KEY';
    expect(refusal({ flags: { worker: '1' } })).toMatchObject({
      code,
      message: 'the command line has no setting worker; did you mean workers?',
    });
    expect(refusal({ env: { MAESTRO_SANBOX_MODE: 'auto' } })).toMatchObject({
      code,
      details: { meant: 'MAESTRO_SANDBOX_MODE' },
    });
    write('maestro.config.yaml', 'sandbox:\n  mdoe: require\n');
    expect(refusal({})).toMatchObject({ code, details: { name: 'sandbox.mdoe', meant: 'sandbox.mode' } });
  });

  it('is refused with what is allowed when a value is not', () => {
    const error = refusal({ env: { MAESTRO_PRIVACY_EPSILON: '3' } });

    expect(error).toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      details: { setting: 'privacy.epsilon', allowed: '0.01 to 2' },
    });
  });

  it('does not quote a secret, nor a file that may hold one', () => {
    const url = 'mysql://me:topsecret@db';
    expect(String(refusal({ env: { MAESTRO_ENGINE_POSTGRES_URL: url } }))).not.toContain('topsecret');
    write('maestro.config.yaml', 'carbon: { token: topsecret\n');
    const error = refusal({});
    expect(error).toMatchObject({ code: 'CONFIG_UNREADABLE' });
    expect(String(error)).not.toContain('topsecret');
  });

  it('is refused when an engine is chosen without its address', () => {
    const error = refusal({ flags: { 'engine.store': 'postgres' } });

    expect(error).toMatchObject({ code: 'CONFIG_INCOMPLETE', details: { setting: 'engine.postgresUrl' } });
  });

  it.each([
    ['workers: [1, 2]', 'CONFIG_BAD_VALUE'],
    ['workers:', 'CONFIG_BAD_VALUE'],
    ['- workers', 'CONFIG_UNREADABLE'],
    ['just text', 'CONFIG_UNREADABLE'],
    ['lease: 10s\nheartbeat: 6s', 'CONFIG_BAD_VALUE'],
  ])('is refused when the file says %j', (yaml, code) => {
    write('maestro.config.yaml', yaml);

    expect(refusal({})).toMatchObject({ code });
  });

  it('is refused when the file of the data moves the data', () => {
    write('.maestro/config.yaml', 'dataDir: /elsewhere\n');

    expect(refusal({})).toMatchObject({ code: 'CONFIG_BAD_VALUE', details: { setting: 'dataDir' } });
  });

  it('is refused when the file cannot be read', () => {
    mkdirSync(join(cwd, 'maestro.config.yaml'));

    expect(refusal({})).toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
