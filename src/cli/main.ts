import { fileURLToPath } from 'node:url';
import { run } from '@stricli/core';
import { version } from '#app/open.ts';
import { commandLine } from './app.ts';
import type { Shell } from './command.ts';
import { EXIT } from './exit.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The first asks for a clean stop; a second one, of a person who will not wait, ends the process as usual.
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}

const shell: Shell = {
  process: { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, exitCode: null },
  signal: stop.signal,
  launcher: [process.execPath, fileURLToPath(new URL('../../bin/maestro.js', import.meta.url))],
};
const typed = process.argv.slice(2);
await run(await commandLine(version(), typed[0]), typed, shell);

// The library's own codes for usage errors and faults are below zero.
const code = shell.process.exitCode ?? EXIT.done;
process.exitCode = code >= 0 ? code : code <= -4 ? EXIT.usage : EXIT.bug;
