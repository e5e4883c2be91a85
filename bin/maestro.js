#!/usr/bin/env node
// Plain JavaScript that starts on any Node: hands over to Node 24, the one that ships as a dependency.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** By this name the packaged Node runs this file again. */
const HANDED_OVER = 'maestro';

const near = (path) => new URL(path, import.meta.url);
const bundle = near('../node_modules/.cache/maestro-bundle/main.mjs');
const source = near('../src/cli/main.ts');
const built = near('../dist/cli/main.js');

if (Number(process.versions.node.split('.')[0]) >= 24) {
  keepCompiled();
  await import((isCurrent(bundle) ? bundle : existsSync(source) ? source : built).href);
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

/** Whether it was made here and no source and no package is newer: then it does what they say, and starts sooner. */
function isCurrent(bundle) {
  const made = changedAt(bundle);
  if (made === 0 || realpathSync(bundle) !== fileURLToPath(bundle)) return false;
  return (
    existsSync(source) && made > changedAt(near('../package-lock.json')) && isOlder(fileURLToPath(near('../src')), made)
  );
}

function isOlder(folder, time) {
  return readdirSync(folder, { withFileTypes: true }).every((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isOlder(path, time);
    return !path.endsWith('.ts') || path.endsWith('.test.ts') || changedAt(path) < time;
  });
}

/** ms since 1970; 0 where there is no such file. */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
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
