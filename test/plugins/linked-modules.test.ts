import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findBwrap } from '#adapters/plugin-runner/runner.ts';
import { admitted, ALL, LIMITS, reactor, wat } from './wat.ts';

const HERE = join(import.meta.dirname, '..', '..');
/** Asks both engines that come as packages; gives back 1 when both answered. */
const ENGINES = reactor(
  `(i32.store (i32.const 0) (i32.and
     (i32.ge_s (call $find (local.get $at) (i32.const 1) (local.get $at) (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const 0))
     (i32.ge_s (call $tree (i32.const 16) (i32.const 2) (local.get $at) (i32.const 1) (local.get $at) (i32.const 1)) (i32.const 0))))
   (call $pack (i32.const 0) (i32.const 4))`,
  `(import "maestro:text@1" "find" (func $find (param i32 i32 i32 i32 i32 i32) (result i32)))
   (import "maestro:ast@1" "find" (func $tree (param i32 i32 i32 i32 i32 i32) (result i32)))
   (data (i32.const 16) "ts")`,
);

/** Lays the runner out in a folder of its own, whose packages are reached through links. */
function layOut(link: (from: string, to: string) => void): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'linked-')));
  for (const part of ['kernel', 'domain', 'plugins', 'adapters/plugin-runner'])
    cpSync(join(HERE, 'src', part), join(folder, 'src', part), { recursive: true });
  cpSync(join(HERE, 'package.json'), join(folder, 'package.json'));
  link(realpathSync(join(HERE, 'node_modules')), join(folder, 'node_modules'));
  return folder;
}

/** As pnpm does it: each package is a link into a store, where the packages that it needs are links beside it. */
function asStore(packages: string, folder: string): void {
  const store = (name: string): string => join(dirname(folder), '.store', name.replace('/', '+'), 'node_modules');
  const native = readdirSync(join(packages, '@ast-grep')).filter((name) => name.startsWith('napi-'));
  mkdirSync(join(folder, '@ast-grep'), { recursive: true });
  for (const name of ['re2js', '@ast-grep/napi', ...native.map((each) => `@ast-grep/${each}`)])
    cpSync(join(packages, name), join(store(name), name), { recursive: true });
  for (const name of ['re2js', '@ast-grep/napi']) symlinkSync(join(store(name), name), join(folder, name));
  for (const each of native) {
    const name = `@ast-grep/${each}`;
    symlinkSync(join(store(name), name), join(store('@ast-grep/napi'), name));
  }
}

test.each([
  ['one link for all', (from: string, to: string) => symlinkSync(from, to)],
  ['a folder of links into a store', asStore],
])('regular expressions and syntax trees work where node_modules is %s', async (_, link) => {
  const folder = layOut(link);
  const call = { module: admitted(await wat(ENGINES), ALL), permissions: ALL, limits: LIMITS, seed: 1, startMs: 0 };
  writeFileSync(
    join(folder, 'run.ts'),
    `import { ConfinedPluginRunner } from '#adapters/plugin-runner/runner.ts';
     const call = JSON.parse(process.argv[2]);
     const bytes = Buffer.from(call.module.bytes, 'base64');
     const runner = new ConfinedPluginRunner({ workers: 1, bwrap: JSON.parse(process.argv[3]) });
     const report = await runner.call({ ...call, root: null, module: { ...call.module, bytes }, input: Buffer.from('x') }, new AbortController().signal);
     await runner.close();
     console.log(report.ok ? report.output[0] : JSON.stringify(report));`,
  );
  const module = { ...call.module, bytes: Buffer.from(call.module.bytes).toString('base64') };
  const run = (bwrap: string | null): string =>
    execFileSync(
      process.execPath,
      [join(folder, 'run.ts'), JSON.stringify({ ...call, module }), JSON.stringify(bwrap)],
      {
        encoding: 'utf8',
      },
    ).trim();

  const answers = [null, findBwrap()].map((bwrap) => run(bwrap)); // twice the same where there is no bubblewrap

  rmSync(folder, { recursive: true });
  expect(answers).toEqual(['1', '1']);
});
