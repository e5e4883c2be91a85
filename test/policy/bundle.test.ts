import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBundle } from '#adapters/opa-wasm/index.ts';
import { policyEngine, SHIPPED_POLICIES } from '#app/governance/policy-engine.ts';
import { readConfig } from '#app/config/config.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { opaBinary } from '../engines/opa.ts';
import { VECTORS } from './vectors.ts';

const run = promisify(execFile);
const binary = await opaBinary();
const opa = binary ?? '';
const rules = join(SHIPPED_POLICIES, 'maestro');
const inputOf = (title: string): PolicyInput =>
  VECTORS.find(({ name }) => name.startsWith(title))?.input as PolicyInput;
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'maestro-data-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const settings = (engine: string): Parameters<typeof policyEngine>[0] =>
  readConfig({ flags: { dataDir: data, 'engine.policy': engine }, env: {}, cwd: data }).settings;

function addOwnRule(): void {
  mkdirSync(join(data, 'policies'));
  cpSync(join(import.meta.dirname, 'fixtures', 'freeze.rego'), join(data, 'policies', 'freeze.rego'));
}

describe.skipIf(binary === undefined)('the compiler', () => {
  it('makes the committed bundle again, byte for byte', async () => {
    const manifest = await buildBundle({ opa, rules, out: join(data, 'out') });

    expect(manifest).toEqual(JSON.parse(readFileSync(join(SHIPPED_POLICIES, 'build', 'manifest.json'), 'utf8')));
  });

  it('passes the tests of the rules, which are formatted and strict', async () => {
    const tests = join(SHIPPED_POLICIES, 'test');
    const vectors = `vectors:${join(SHIPPED_POLICIES, 'vectors.json')}`;

    expect((await run(opa, ['fmt', '--list', rules, tests])).stdout).toBe('');
    await run(opa, ['check', '--strict', rules, tests]);
    const { stdout } = await run(opa, ['test', '--timeout', '120s', rules, tests, vectors]);
    expect(stdout).toMatch(/^PASS: (\d+)\/\1$/m);
  });

  it("tells what is wrong with a company's own rules", async () => {
    addOwnRule();
    writeFileSync(join(data, 'policies', 'bad.rego'), 'package maestro.custom.bad\n\ndeny contains x if y\n');

    const build = buildBundle({ opa, rules, own: join(data, 'policies'), out: join(data, 'policies', 'build') });

    await expect(build).rejects.toThrow(/bad\.rego:3/);
  });
});

describe("a company's own rules in the data directory", () => {
  it('are an error with an engine that would not heed them', async () => {
    addOwnRule();

    await expect(policyEngine(settings('builtin'))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_RULES_UNHEEDED' }),
    );
  });

  it('are an error until they are compiled', async () => {
    addOwnRule();

    await expect(policyEngine(settings('opa-wasm'))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_BUNDLE_UNREADABLE' }),
    );
  });

  it.skipIf(binary === undefined)('decide beside the shipped ones once they are compiled', async () => {
    addOwnRule();
    await buildBundle({ opa, rules, own: join(data, 'policies'), out: join(data, 'policies', 'build') });

    const { engine, says } = await policyEngine(settings('opa-wasm'));
    const submitted = await engine.decide(inputOf('another tenant is refused'));
    const landed = await engine.decide(inputOf('a proposing tenant has a person approve'));

    expect(says).toMatch(/^opa-wasm [0-9a-f]{12} \(own\)$/);
    expect(submitted.reasons.map(({ code }) => code)).toEqual(['TENANT_MISMATCH', 'FREEZE']);
    expect(landed.obligations.map(({ because }) => because.code)).toEqual(['AUTONOMY_PROPOSE', 'FREEZE_WITNESS']);
  });

  it.skipIf(binary === undefined)('are an error when they have changed since', async () => {
    addOwnRule();
    await buildBundle({ opa, rules, own: join(data, 'policies'), out: join(data, 'policies', 'build') });
    writeFileSync(join(data, 'policies', 'more.rego'), 'package maestro.custom.more\n');

    await expect(policyEngine(settings('opa-wasm'))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_BUNDLE_STALE' }),
    );
  });
});

describe('a decision over a very large change', () => {
  it.each([
    [20_000, []],
    [60_000, ['POLICY_EVALUATION_FAILED']], // does not fit its memory
  ])('of %d files is made or denied, and the next one is as right as before', async (files, codes) => {
    const { engine } = await policyEngine(settings('opa-wasm'));
    const push = inputOf('denied paths are refused at push');
    const paths = Array.from({ length: files }, (_, i) => `src/generated/module-${i}/file-${i}.ts`);
    const { resource } = push.action;
    const large = { ...push, action: { ...push.action, resource: { ...resource, attributes: { paths } } } };

    expect((await engine.decide(large)).reasons.map(({ code }) => code)).toEqual(codes);
    expect((await engine.decide(push)).reasons.map(({ code }) => code)).toEqual(['PATH_DENIED']);
  });
});
