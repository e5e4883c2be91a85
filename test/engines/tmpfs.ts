import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small disk of its own. */
export interface SmallDisk {
  readonly dir: string;
  makeReadOnly(): void;
  remove(): void;
}

/** Mounts a disk of that size, which root may; otherwise prints a line and gives undefined. */
export function mountSmallDisk(bytes: number): SmallDisk | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-disk-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    rmSync(dir, { recursive: true });
    console.log('skipped: no tmpfs (only root may mount one)');
    return undefined;
  }
  return {
    dir,
    makeReadOnly: () => execFileSync('/bin/mount', ['-o', 'remount,ro', dir]),
    remove: () => {
      execFileSync('/bin/umount', ['--lazy', dir]);
      rmSync(dir, { recursive: true });
    },
  };
}
