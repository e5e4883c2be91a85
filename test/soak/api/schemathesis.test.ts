import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlace, type Place } from '../../api/place.ts';

const run = promisify(execFile);
const VERSION = '4.32.5';

/** From the PATH, or installed from its published package, once a machine. Undefined, with a printed line, where it cannot be had. */
async function schemathesis(): Promise<string | undefined> {
  const folder = join(tmpdir(), `maestro-schemathesis-${VERSION}`);
  const installed = join(folder, 'bin', 'schemathesis');
  if (existsSync(installed)) return installed;
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { timeout: 300_000 });
    return installed;
  } catch {
    console.log('skipped: no schemathesis (and no Python to install it)');
    return undefined;
  }
}

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
];

let place: Place;
const binary = await schemathesis();
beforeAll(async () => {
  const limits = { MAESTRO_HTTP_REQUESTS_PER_MINUTE: '1000000', MAESTRO_HTTP_STRANGER_REQUESTS_PER_MINUTE: '1000000' };
  place = await openPlace(limits);
});
afterAll(() => place[Symbol.asyncDispose]());

test.skipIf(binary === undefined)('a tester that knows the OpenAPI document only finds no fault', async () => {
  const key = place.acme.keys['platform-admin'];
  const args = [
    ...['run', `${place.url}/api/openapi.json`, '--header', `Authorization: Bearer ${key}`, '--seed', '1'],
    ...['--checks', CHECKS.join(','), '--max-examples', '30', '--phases', 'examples,coverage,fuzzing'],
    // An event stream has no end, and a tester without a key of its own must not shut itself out.
    ...['--exclude-operation-id', 'streamEvents', '--exclude-operation-id', 'disablePrincipal'],
    ...[
      '--exclude-operation-id',
      'revokeKey',
      '--exclude-operation-id',
      'setRoles',
      '--exclude-operation-id',
      'eraseTenant',
      '--no-color',
    ],
  ];

  const { stdout } = await run(binary ?? '', args, { maxBuffer: 2 ** 28, timeout: 600_000 }).catch(
    (cause: unknown) => cause as { stdout: string },
  );

  expect(stdout.slice(-6000)).not.toMatch(/FAILURES|ERRORS/);
  expect(stdout).toMatch(/(\d+) generated, \1 passed/);
});
