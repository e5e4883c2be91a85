#!/usr/bin/env node
// Plain JavaScript that starts on any Node: hands over to Node 24, the one that ships as a dependency.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** By this name the packaged Node runs this file again. */
const HANDED_OVER = 'maestro';

const near = (path) => new URL(path, import.meta.url);
const source = near('../src/cli/main.ts');
const entry = existsSync(source) ? source : near('../dist/cli/main.js');

if (Number(process.versions.node.split('.')[0]) >= 24) {
  keepCompiled();
  await import(entry.href);
} else {
  const node = ['../node_modules/node/bin/node', '../../node/bin/node'].map(near).find((url) => existsSync(url));
  if (node === undefined) refuse('is not installed');
  if (process.argv0 === HANDED_OVER) refuse('is too old itself');
  const own = fileURLToPath(import.meta.url);
  const child = spawn(fileURLToPath(node), [own, ...process.argv.slice(2)], { argv0: HANDED_OVER, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole process group, so the child has it already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => refuse(`does not start (${error.message})`));
  child.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
}

/** Compiled code is kept for the next start, which then takes half the time. Beside the packages, where only who may change the code may write. */
function keepCompiled() {
  module.enableCompileCache(fileURLToPath(near('../node_modules/.cache/maestro')));
  // Node itself writes it at a clean end only; a server may be killed.
  setTimeout(() => module.flushCompileCache(), 5000).unref();
}

function refuse(what) {
  const error = {
    code: 'NODE_TOO_OLD',
    message: `Node ${process.versions.node} is too old and the packaged Node 24 ${what}`,
    cure: 'Run `npm install` in the folder of Maestro, with install scripts allowed',
    details: {},
  };
  process.stderr.write(`${JSON.stringify({ error })}\n`);
  process.exit(4);
}
