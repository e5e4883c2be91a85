import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';

// Bundles the command line with the packages that it loads, for a checkout: Node loads a hundred files much sooner than
// the thousand that they are made of. bin/maestro.js takes the bundle while no source is newer. What lies beside code, and
// what runs as a program of its own, is used where it is.

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules/.cache/maestro-bundle');
const ENTRY = 'main.mjs';
/** Packages with machine code, with files that they look for beside themselves, or that may be absent. */
const APART = ['@ast-grep/napi', '@ts-morph/common', 'bullmq', 'gpt-tokenizer', 'ioredis', 'pg', 'ts-morph'];
/** A process that runs may yet load a file of an earlier bundle. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** What a file knows of its own place stays true in the bundle. */
const places: Plugin = {
  name: 'places',
  transform: {
    filter: { id: join(root, 'src/**') },
    handler: (code, id) => {
      const place = JSON.stringify(relative(folder, id));
      return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
    },
  },
};

const rolldown = await import('rolldown').catch(() => undefined);
// Without development packages there is no bundler, and no need: the sources run as they are.
if (rolldown !== undefined && existsSync(join(root, 'src'))) {
  const began = new Date();
  const { output } = await rolldown.build({
    input: join(root, 'src/cli/main.ts'),
    cwd: root,
    platform: 'node',
    external: (id) => APART.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [places],
    output: { format: 'esm', entryFileNames: ENTRY, chunkFileNames: '[name]-[hash].mjs' },
    write: false,
  });
  mkdirSync(folder, { recursive: true });
  // The entry comes last, whole, and with the time of what it was made of.
  for (const file of output.toSorted((a, b) => Number(a.fileName === ENTRY) - Number(b.fileName === ENTRY))) {
    if (file.type !== 'chunk') throw new Error(`${file.fileName} is not code`);
    const draft = join(folder, `${file.fileName}.${process.pid}`);
    writeFileSync(draft, file.code);
    utimesSync(draft, began, began);
    renameSync(draft, join(folder, file.fileName));
  }
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (began.getTime() - statSync(path).mtimeMs > KEPT_MS) rmSync(path);
  }
}
