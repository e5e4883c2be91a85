import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CLEAN, CYCLES, SEEDS } from '../../tools/lint/seeds.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Lints a tree of its own with this repository's configuration, the real linter and no cache. */
function lint(files: { readonly [path: string]: string }) {
  const root = mkdtempSync(join(tmpdir(), 'maestro-floors-'));
  folders.push(root);
  for (const name of ['package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(join(repository, name), join(root, name));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const config = readFileSync(join(repository, '.oxlintrc.json'), 'utf8');
  writeFileSync(join(root, '.oxlintrc.json'), config.replace('"./tools/', `"${repository}tools/`));
  for (const [path, code] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), code);
  }

  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  const run = spawnSync(process.execPath, [oxlint, '--format=json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  const { diagnostics } = JSON.parse(run.stdout) as {
    diagnostics: { code?: string; message: string; filename: string; severity: string }[];
  };
  const failures = diagnostics.map(({ code, message, filename, severity }) => {
    const rule = (code ?? message).replace(/^.*\((.*)\)$/, '$1');
    const failure = code?.startsWith('maestro(') ? `${rule} ${message.replace(/:.*$/s, '')}` : rule;
    return { path: filename, failure, severity };
  });
  return { status: run.status, failures };
}

describe('the floors', () => {
  it('fail on every seeded violation, in every form, by its name', { timeout: 60_000 }, () => {
    const seeded = Object.fromEntries(SEEDS.map(({ path, code }) => [path, code]));

    const { status, failures } = lint({ ...CLEAN, ...CYCLES, ...seeded });

    const found = new Set(
      failures.filter((each) => each.severity === 'error').map((each) => `${each.path}: ${each.failure}`),
    );
    expect(SEEDS.filter(({ path, failure }) => !found.has(`${path}: ${failure}`))).toEqual([]);
    expect(failures.filter(({ path }) => path in CLEAN)).toEqual([]);
    expect(status).toBe(1);
  });

  it('pass a clean tree', () => {
    const { status, failures } = lint(CLEAN);

    expect(failures).toEqual([]);
    expect(status).toBe(0);
  });
});
