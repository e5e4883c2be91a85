#!/usr/bin/env node
// Plain JavaScript that starts on any Node: hands over to Node 24, the one that ships as a dependency.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = here('../src/cli/main.ts');
const entry = existsSync(source) ? source : here('../dist/cli/main.js');

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(entry);
} else {
  const candidates = [here('../node_modules/node/bin/node'), here('../../node/bin/node')];
  const node = candidates.find((path) => existsSync(path));
  if (node === undefined) {
    const error = {
      code: 'NODE_TOO_OLD',
      message: `Node ${process.versions.node} is too old and the packaged Node 24 is not installed`,
      cure: 'Run `npm install` in the folder of Maestro, with install scripts allowed',
      details: {},
    };
    process.stderr.write(`${JSON.stringify({ error })}\n`);
    process.exit(4);
  }
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (status, signal) => process.exit(status ?? (signal === 'SIGINT' ? 130 : 70)));
}
