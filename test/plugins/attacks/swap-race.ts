import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, openSync, readSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CallState } from '#adapters/plugin-runner/call-state.ts';
import { GrantedFiles } from '#adapters/plugin-runner/host-fs.ts';
import { LIMITS } from '../wat.ts';
import { type Lab, SECRET } from './lab.ts';

/** Swaps a folder, and a file, with links to the outside as fast as it can. */
const SWAPPER = `
const { parentPort, workerData: root } = require('worker_threads');
const fs = require('fs');
parentPort.on('message', () => process.exit(0));
const swap = (name) => {
  fs.renameSync(root + '/' + name, root + '/' + name + '.real');
  fs.renameSync(root + '/' + name + '.link', root + '/' + name);
  fs.renameSync(root + '/' + name, root + '/' + name + '.link');
  fs.renameSync(root + '/' + name + '.real', root + '/' + name);
};
const loop = () => { parentPort.postMessage('swapping'); for (let i = 0; i < 50; i++) { swap('dir'); swap('file'); } setImmediate(loop); };
loop();
`;

/** Times as many tries as asked for. */
const MOST = 50;

export interface RaceResult {
  readonly tries: number;
  readonly outside: number;
  readonly good: number;
  readonly refused: number;
  /** Outside reads of a loader that checks with lstat and then opens, in as many tries. */
  readonly naiveOutside: number;
  /** True when that loader reads outside where the swap comes just between its look and its opening. */
  readonly naiveFalls: boolean;
}

/**
 * Reads `dir/secret.txt` and `file` while both are swapped with links; the host's own reader and a naive one. At least so
 * many times, and on a busy machine until a swap has been met.
 */
export async function swapRace(lab: Lab, tries: number): Promise<RaceResult> {
  const root = join(lab.folder, 'race');
  mkdirSync(join(root, 'dir'), { recursive: true });
  writeFileSync(join(root, 'dir', 'secret.txt'), 'inside');
  writeFileSync(join(root, 'file'), 'inside');
  execFileSync('ln', ['-s', '../outside', join(root, 'dir.link')]);
  execFileSync('ln', ['-s', '../outside/secret.txt', join(root, 'file.link')]);
  const worker = new Worker(SWAPPER, { eval: true, workerData: root });
  await new Promise((resolve) => worker.once('message', resolve));
  let done = 0;
  const counts = { outside: 0, good: 0, refused: 0, naiveOutside: 0 };
  try {
    for (; done < tries || (counts.refused === 0 && done < MOST * tries); done++) {
      const path = done % 2 === 0 ? 'dir/secret.txt' : 'file';
      const state = new CallState(LIMITS);
      const files = new GrantedFiles({ state, root, globs: ['**'] });
      const length = files.read(path);
      files.close();
      if (length < 0) counts.refused++;
      else if (Buffer.from(state.held).toString() === SECRET) counts.outside++;
      else counts.good++;
      if (naiveRead(root, path) === SECRET) counts.naiveOutside++;
      if (done % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await worker.terminate();
  }
  return { tries: done, ...counts, naiveFalls: naiveFalls(lab) };
}

/** The swap at the worst moment, by hand: what the race above hits only now and then. */
function naiveFalls(lab: Lab): boolean {
  const root = join(lab.folder, 'race-by-hand');
  mkdirSync(root);
  writeFileSync(join(root, 'file'), 'inside');
  const swap = (): void => {
    rmSync(join(root, 'file'));
    symlinkSync('../outside/secret.txt', join(root, 'file'));
  };
  return naiveRead(root, 'file', swap) === SECRET;
}

function naiveRead(root: string, path: string, meanwhile: () => void = () => undefined): string {
  try {
    let at = root;
    for (const segment of path.split('/')) {
      at = join(at, segment);
      if (lstatSync(at).isSymbolicLink()) return '';
    }
    meanwhile();
    const fd = openSync(at, 'r');
    const bytes = Buffer.alloc(100);
    const count = readSync(fd, bytes);
    closeSync(fd);
    return bytes.toString('utf8', 0, count);
  } catch {
    return '';
  }
}
