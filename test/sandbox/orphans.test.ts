import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { detectSandbox, endOrphans } from '#adapters/sandbox/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));
const started: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await systemClock.sleep(100);
  await endOrphans();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A process that runs `sleep` in a sandbox and says its own pid once that runs. */
async function hostOf(prefer: 'auto' | 'process'): Promise<ChildProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-orphan-'));
  folders.push(folder);
  const child = spawn(process.execPath, [HOST, prefer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  await systemClock.sleep(500);
  return child;
}

const options = {
  clock: systemClock,
  random: systemRandom,
  node: process.execPath,
  searchPath: process.env['PATH'] ?? '',
};
const best = await detectSandbox(options);
if (best.profile.kind !== 'bubblewrap') console.log('skipped: no bubblewrap');
const kinds = best.profile.kind === 'bubblewrap' ? (['process', 'auto'] as const) : (['process'] as const);

describe('programs whose Maestro died', () => {
  it.each(kinds)('are ended by the next one, and those of a living one are not (%s)', async (prefer) => {
    const dead = await hostOf(prefer);
    const living = await hostOf(prefer);

    expect(await endOrphans()).toEqual([]);
    dead.kill('SIGKILL');
    await new Promise((resolve) => dead.once('exit', resolve));
    await endOrphans();
    await systemClock.sleep(100);

    expect(await endOrphans()).toEqual([]);
    expect(living.exitCode).toBeNull();
    expect(living.signalCode).toBeNull();
  });
});
