import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalStore, openStore, SqlLandingLine, type Store } from '#adapters/sql/index.ts';
import type { Change } from '#domain/change.ts';
import type { ChangeId, GitOid, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import { type Clock, millis } from '#kernel/clock.ts';
import type { LandParts } from './landing.ts';
import { awaitBasis, awaitTurn } from './wait.ts';

const repo = 'red/app' as RepoId;
const [main, candidate, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(40) as GitOid) as [GitOid, GitOid, GitOid];
const LEASE_MS = 45_000;

let store: Store;
let now: number;
let head: GitOid;
/** Sleeping is what makes time pass. */
const clock: Clock = {
  now: () => millis(now),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    now += ms;
  },
};
const asked = new AbortController().signal;

beforeEach(async () => {
  store = await openStore({ engine: 'sqlite', path: ':memory:' });
  [now, head] = [1_000_000, main];
});
afterEach(() => store.close());

/** A landing whose run is held for `leaseMs` from now on. */
async function landing(name: string, leaseMs = 1_000_000) {
  const ids = { tenant: 'red' as TenantId, task: `task_${name}` as TaskId };
  const run = { ...ids, id: `run_${name}` as RunId, epoch: 1, owner: 'w', leaseUntil: millis(now + leaseMs) };
  const held = { ...run, state: 'open', startedAt: millis(now), finishedAt: null } as const;
  await store.truth.tx((tx) => journalStore.addRun(tx, held));
  const id = name as ChangeId;
  const line = new SqlLandingLine({
    sql: store.truth,
    clock,
    depth: 8,
    landing: { change: id, tenant: ids.tenant, repo, branch: 'main', run: run.id },
    write: (body) => store.truth.tx(body),
  });
  // Waiting asks the forge for the head of the branch only, and reads no more of a change than this.
  const forge = { head: async () => head } as unknown as LandParts['forge'];
  const job = { change: { id, repo } as Change, repoDir: '', branch: 'main' };
  return { line, parts: { line, clock, forge }, job };
}

describe('a landing that waits for the one ahead of it', () => {
  it('ends one step of waiting after half a minute, so that its run can give way', async () => {
    const [first, second] = [await landing('first'), await landing('second')];
    await first.line.put({ base: main, tip: candidate });
    const since = now;

    expect(await awaitTurn(second.parts, second.job, { base: candidate, tip: other }, asked)).toBe('wait');

    expect(now - since).toBe(30_000);
  });

  it('is aborted at once', async () => {
    const [first, second] = [await landing('first'), await landing('second')];
    await first.line.put({ base: null, tip: null });
    const stopped = AbortSignal.abort(new Error('stopped'));

    await expect(awaitBasis(second.parts, second.job, stopped)).rejects.toThrow('stopped');
  });

  it('goes on without it once its lease has passed, and begins anew since it was made on top of it', async () => {
    const [first, second] = [await landing('first', LEASE_MS), await landing('second')];
    await first.line.put({ base: main, tip: candidate });

    expect(await awaitBasis(second.parts, second.job, asked)).toEqual({
      kind: 'begin',
      on: { commit: candidate, change: 'first' },
    });
    const found = { base: candidate, tip: other };
    expect(await awaitTurn(second.parts, second.job, found, asked)).toBe('wait');
    expect(await awaitTurn(second.parts, second.job, found, asked)).toBe('anew');
    expect(await awaitBasis(second.parts, second.job, asked)).toEqual({ kind: 'begin', on: null });
  });

  it('goes when that one has moved the branch and left, and not before it has left', async () => {
    const [first, second] = [await landing('first', LEASE_MS), await landing('second')];
    await first.line.put({ base: main, tip: candidate });
    head = candidate;
    const found = { base: candidate, tip: other };

    expect(await awaitTurn(second.parts, second.job, found, asked)).toBe('wait');
    expect(await awaitTurn(second.parts, second.job, found, asked)).toBe('go');
  });

  it('does not build on a line whose first was overtaken by somebody outside of it', async () => {
    const [first, second] = [await landing('first'), await landing('second')];
    await first.line.put({ base: main, tip: candidate });
    head = other;

    expect(await awaitBasis(second.parts, second.job, asked)).toEqual({ kind: 'wait' });
    expect(await awaitTurn(first.parts, first.job, { base: main, tip: candidate }, asked)).toBe('anew');
  });
});

describe('a landing that lost its place', () => {
  it('goes on where it stopped when nobody came meanwhile, and begins anew behind whoever did', async () => {
    const first = await landing('first');
    const found = { base: main, tip: candidate };

    expect(await awaitTurn(first.parts, first.job, found, asked)).toBe('go');
    await store.truth.run('delete from landing_line');
    const second = await landing('second');
    await second.line.put({ base: main, tip: other });
    expect(await awaitTurn(first.parts, first.job, found, asked)).toBe('anew');
  });
});
