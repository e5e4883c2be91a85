import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock.ts';
import { acquireLease } from '#adapters/environment/lease.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lease-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const never = new AbortController().signal;

describe('a lease', () => {
  it('has one holder at a time, however many ask', async () => {
    const folder = join(root, 'many');
    let holders = 0;
    let most = 0;

    await Promise.all(
      [1, 2, 3].map(async () => {
        await using _ = await acquireLease(folder, systemClock, never);
        most = Math.max(most, (holders += 1));
        await systemClock.sleep(20);
        holders -= 1;
      }),
    );

    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a holder that is gone, by one of many', async () => {
    const folder = join(root, 'gone');
    await using _ = await acquireLease(folder, systemClock, never);
    const longAgo = Date.now() / 1000 - 60;
    await utimes(join(folder, '1'), longAgo, longAgo);
    const stop = new AbortController();

    const waiting = [1, 2, 3].map(() => acquireLease(folder, systemClock, stop.signal));
    const winner = await Promise.race(waiting);
    stop.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(waiting);
    await winner[Symbol.asyncDispose]();

    expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
  });

  it('counts a holder that died while it took the lease, too', async () => {
    const folder = join(root, 'died');
    await (await acquireLease(folder, systemClock, never))[Symbol.asyncDispose]();
    await writeFile(join(folder, '7'), '');
    const stop = new AbortController();
    const waiting = acquireLease(folder, systemClock, stop.signal);

    stop.abort(new Error('still held'));

    await expect(waiting).rejects.toThrow('still held');
  });
});
