import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOpaWasm } from './engine.ts';
import { readManifest } from './manifest.ts';
import { regoFiles, requireCurrent, sourceDigests } from './rules.ts';

const policies = fileURLToPath(new URL('../../../policies/', import.meta.url));
const shipped = join(policies, 'build');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-bundle-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the shipped bundle', () => {
  it('was compiled from the rules as they are (else: npm run build:policies)', async () => {
    const { sources } = await readManifest(shipped);

    expect(sources).toEqual(sourceDigests('maestro', await regoFiles(join(policies, 'maestro'))));
  });

  it('is refused when a byte of it has changed', async () => {
    cpSync(shipped, dir, { recursive: true });
    writeFileSync(join(dir, 'data.json'), '{"maestro": {"custom": {}}}');

    await expect(openOpaWasm(dir)).rejects.toThrow(expect.objectContaining({ code: 'POLICY_BUNDLE_ALTERED' }));
  });

  it('is refused when its manifest names sources that do not give its revision', async () => {
    cpSync(shipped, dir, { recursive: true });
    const manifest = await readManifest(shipped);
    writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ ...manifest, sources: {} }));

    await expect(openOpaWasm(dir)).rejects.toThrow(expect.objectContaining({ code: 'POLICY_BUNDLE_UNREADABLE' }));
  });

  it('is unreadable where there is none', async () => {
    await expect(openOpaWasm(join(dir, 'none'))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_BUNDLE_UNREADABLE' }),
    );
  });
});

describe("a company's own rules", () => {
  it('are the Rego files below their folder, without tests', async () => {
    mkdirSync(join(dir, 'deep'));
    writeFileSync(join(dir, 'deep', 'a.rego'), 'package maestro.custom.a\n');
    writeFileSync(join(dir, 'a_test.rego'), 'package maestro.custom.a_test\n');
    writeFileSync(join(dir, 'readme.md'), '');

    expect([...(await regoFiles(dir)).keys()]).toEqual(['deep/a.rego']);
    expect([...(await regoFiles(join(dir, 'none'))).keys()]).toEqual([]);
  });

  it('are stale in a bundle that was compiled without them', async () => {
    writeFileSync(join(dir, 'a.rego'), 'package maestro.custom.a\n');

    await expect(requireCurrent(shipped, await regoFiles(dir))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_BUNDLE_STALE' }),
    );
    await expect(requireCurrent(shipped, new Map())).resolves.toBeUndefined();
  });
});
