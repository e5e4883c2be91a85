import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { systemRandom } from '#kernel/random.ts';
import { readConfig } from '../config/config.ts';
import { dataKeysOf, opener, withOpenSecrets } from './keys.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'maestro-sealed-'));
  return () => rmSync(dataDir, { recursive: true, force: true });
});

const config = (env: { readonly [name: string]: string }) => readConfig({ flags: { dataDir }, env, cwd: dataDir });

test('a sealed secret in a setting is opened by the keys of its data directory, and never shown', () => {
  const keys = dataKeysOf(config({}).settings, systemRandom);
  const seal = (text: string) => `sealed:${keys.seal({ owner: '', text })}`;
  const { settings, shown } = config({
    MAESTRO_OIDC_CLIENT_SECRET: seal('correct-horse'),
    MAESTRO_ENGINE_REDIS_URL: seal('redis://:secret@queue.example.org:6379'),
    MAESTRO_CARBON_TOKEN: 'plain',
  });

  const opened = withOpenSecrets(settings, opener(keys));

  expect(opened).toMatchObject({
    'oidc.clientSecret': 'correct-horse',
    'engine.redisUrl': 'redis://:secret@queue.example.org:6379',
    'carbon.token': 'plain',
  });
  expect(JSON.stringify(shown)).not.toContain('sealed:');
});

test('what is no value of its setting once it is open is refused, and not quoted', () => {
  const keys = dataKeysOf(config({}).settings, systemRandom);
  const sealed = `sealed:${keys.seal({ owner: '', text: 'mysql://topsecret' })}`;
  const { settings } = config({ MAESTRO_ENGINE_REDIS_URL: sealed });

  const open = () => withOpenSecrets(settings, opener(keys));

  expect(open).toThrow(expect.objectContaining({ code: 'CONFIG_BAD_VALUE' }));
  expect(open).not.toThrow(/topsecret/);
});
