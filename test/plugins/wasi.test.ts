import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { admitted, LIMITS, NONE } from './wat.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasi-'));
const runner = new ConfinedPluginRunner({ workers: 1, bwrap: findBwrap() });
afterAll(async () => {
  await runner.close();
  rmSync(folder, { recursive: true });
});

const C = `#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(void) {
  char line[100];
  FILE *file = fopen("/etc/passwd", "r");
  if (!fgets(line, sizeof line, stdin)) return 3;
  printf("%s file:%d env:%d time:%ld\\n", line, file != 0, getenv("PATH") != 0, (long)time(0));
  return 0;
}
`;
const RUST = `use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    println!("{} file:{}", text, std::fs::read("/etc/passwd").is_ok());
}
`;
const COMPILERS: readonly (readonly [string, string, string, string, string[]])[] = [
  ['clang and wasi-libc', 'a.c', C, 'clang', ['--target=wasm32-wasi', '--sysroot=/usr', '-O2', '-o', 'a.wasm', 'a.c']],
  [
    'Rust',
    'a.rs',
    RUST,
    '/usr/bin/rustc',
    ['--target', 'wasm32-wasi', '-O', '-C', 'strip=symbols', '-o', 'a.wasm', 'a.rs'],
  ],
];

test.each(COMPILERS)(
  'a WASI command from %s gets its input and nothing of the machine',
  async (name, file, source, program, args) => {
    writeFileSync(join(folder, file), source);
    if (spawnSync(program, args, { cwd: folder }).status !== 0) {
      console.log(`skipped: no ${name} for wasm32-wasi`);
      return;
    }
    const module = admitted(readFileSync(join(folder, 'a.wasm')), NONE);

    const report = await runner.call(
      { module, input: Buffer.from('hello'), root: null, permissions: NONE, limits: LIMITS, seed: 1, startMs: 5000 },
      new AbortController().signal,
    );

    expect(module.kind).toBe('wasi-command');
    const output = report.ok ? Buffer.from(report.output).toString() : report;
    expect(output).toMatch(/^hello file:(0 env:0 time:5|false)\n$/);
  },
);
