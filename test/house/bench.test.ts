import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  const bench = (name: string, value: string) => `
    import { benchResult, median, target } from ${JSON.stringify(fileURLToPath(new URL('../../bench/result.ts', import.meta.url)))};
    export const run = async ({ seed }: { seed: number }) =>
      benchResult({ bench: '${name}', seed, rows: [{ n: median([1, 2, 3, 4]), seed }], targets: [target('speed', ${value}, '>=', 2)] });
  `;
  writeFileSync(join(dir, 'quick.ts'), bench('quick', '2'));
  writeFileSync(join(dir, 'slow.ts'), bench('slow', '1.5'));
  writeFileSync(join(dir, 'absent.ts'), bench('absent', 'null'));
  writeFileSync(join(dir, 'result.ts'), 'throw new Error("not a bench");');
});
afterAll(() => rmSync(dir, { recursive: true }));

function bench(...args: string[]) {
  const run = spawnSync(process.execPath, [main, '--dir', dir, ...args], { encoding: 'utf8' });
  return {
    ...run,
    results: args.includes('--json')
      ? run.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown)
      : [],
  };
}

describe('the bench runner', () => {
  it('prints one document with machine, rows and targets, and exits 0 when all are met', () => {
    const { status, results } = bench('quick', '--json', '--seed', '7');

    expect(results).toEqual([
      {
        bench: 'quick',
        seed: 7,
        machine: expect.objectContaining({ cores: expect.any(Number), node: process.version }),
        rows: [{ n: 2.5, seed: 7 }],
        targets: [{ name: 'speed', value: 2, op: '>=', target: 2, ok: true }],
        ok: true,
      },
    ]);
    expect(status).toBe(0);
  });

  it('exits 1 when a target is missed, also when others are incomplete', () => {
    expect(bench('slow', 'quick').status).toBe(1);
    expect(bench().status).toBe(1);
  });

  it('exits 4 when something was not measured: that is never passed', () => {
    const { status, results } = bench('quick', 'absent', '--json');

    expect(results).toMatchObject([{ ok: true }, { ok: null, targets: [{ value: null, ok: null }] }]);
    expect(status).toBe(4);
  });

  it('prints a table for people', () => {
    const { stdout } = bench('slow', 'absent');

    expect(stdout).toMatch(/slow, seed 1: MISSED\n/);
    expect(stdout).toMatch(/speed +1\.5 +>= 2 +MISSED/);
    expect(stdout).toMatch(/speed +- +>= 2 +not measured/);
  });

  it('names what it has when asked for what it has not', () => {
    const { status, stderr } = bench('qick');

    expect(stderr).toContain('did you mean quick?');
    expect(status).toBe(2);
  });
});
