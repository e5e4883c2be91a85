import { spawnSync } from 'node:child_process';

/** What `npm run check` runs, quickest first; it stops at the first failure. */
const STEPS: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format', 'oxfmt', '--check'],
  ['types', 'tsc'],
  ['lint, floors', 'oxlint'],
  ['dead code', 'knip', '--no-progress'],
  ['unit tests', 'vitest', 'run', '--project', 'unit'],
];

const begin = performance.now();
for (const [name, program = '', ...args] of STEPS) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) {
    process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
    console.log(`✗ ${name} failed: ${[program, ...args].join(' ')}`);
    process.exit(1);
  }
  console.log(`✓ ${name.padEnd(14)}${seconds(start)}`);
}
console.log(`All good in ${seconds(begin)}.`);

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
