import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('processes that start at once sign with one key', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-keys-'));
  const script = fileURLToPath(new URL('./open-key.ts', import.meta.url));

  const started = Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, [script, dir]));
  const ids = (await Promise.all(started)).map(({ stdout }) => stdout);

  expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(ids).size).toBe(1);
  expect(readdirSync(dir)).toEqual(['signer.pem']);
  rmSync(dir, { recursive: true });
});
