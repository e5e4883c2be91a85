import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeId, GitOid, PrincipalId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { millis } from '#kernel/clock.ts';
import { ENGINES, startEngine, type StorePlaces } from '../engines/stores.ts';
import { commitInBare, openPlace, type Place, proposal } from './place.ts';
import { git, repository, scratchFolder } from './scratch.ts';

for (const engine of ENGINES) {
  const stores = await startEngine(engine);
  if (stores !== undefined) describe(`the local forge on ${engine}`, () => suite(stores));
}

function suite(stores: StorePlaces): void {
  const folder = scratchFolder();
  let place: Place;
  let repo: Repository;
  let base: GitOid;
  let count = 0;

  beforeAll(async () => {
    place = await openPlace(join(folder.dir, 'data'), stores.next());
    repo = await place.add(repository(join(folder.dir, 'shop'), { 'a.txt': 'one\ntwo\nthree\n' }));
    base = repo.head;
  });
  afterAll(async () => {
    await place.store.close();
    await stores.stop();
    folder[Symbol.dispose]();
  });

  /** A branch of its own with one commit, and its change. */
  async function opened(files: { readonly [path: string]: string }, on = base) {
    const run = `run_${++count}`;
    const head = await commitInBare(place, repo.id, on, files);
    await place.forge.pushBranch({ repo: repo.id, branch: `maestro/${run}`, from: null, to: head });
    return place.forge.open(proposal(repo.id, run, on, head));
  }

  it('opens a change once for a branch, and lets git find it by its number', async () => {
    const head = await commitInBare(place, repo.id, base, { 'b.txt': 'b' });
    const change = proposal(repo.id, 'twice', base, head);
    await place.forge.pushBranch({ repo: repo.id, branch: change.branch, from: null, to: head });

    const [first, second] = await Promise.all([place.forge.open(change), place.forge.open(change)]);

    expect(second).toEqual(first);
    expect(first).toMatchObject({ ...change, state: 'open', asks: [] });
    expect(await place.forge.find(first.id)).toEqual(first);
    expect(git(place.repoDir(repo.id), 'rev-parse', `refs/changes/${first.id}/head`)).toBe(head);
    expect(await place.forge.find('chg_none' as ChangeId)).toBeUndefined();
  });

  it('pushes a branch twice as once, and says so when someone else moved it', async () => {
    const { forge } = place;
    const [one, two] = [
      await commitInBare(place, repo.id, base, { x: '1' }),
      await commitInBare(place, repo.id, base, { x: '2' }),
    ];
    const push = { repo: repo.id, branch: 'maestro/push' };

    expect(await forge.pushBranch({ ...push, from: null, to: one })).toEqual({ moved: true, head: one });
    expect(await forge.pushBranch({ ...push, from: null, to: one })).toEqual({ moved: true, head: one });
    expect(await forge.pushBranch({ ...push, from: null, to: two })).toEqual({ moved: false, head: one });
    expect(await forge.pushBranch({ ...push, from: one, to: two })).toEqual({ moved: true, head: two });
    await expect(forge.pushBranch({ repo: repo.id, branch: 'main', from: base, to: one })).rejects.toMatchObject({
      code: 'BRANCH_REFUSED',
    });
  });

  it('moves a branch only from where it was said to stand, and only one of many at once', async () => {
    const { forge } = place;
    const candidates = await Promise.all(
      Array.from({ length: 6 }, (_, i) => commitInBare(place, repo.id, base, { race: `${i}` })),
    );
    await forge.pushBranch({ repo: repo.id, branch: 'maestro/race', from: null, to: base });

    const moves = await Promise.all(
      candidates.map((to) => forge.moveBranch({ repo: repo.id, branch: 'maestro/race', from: base, to })),
    );

    const [winner] = moves.filter(({ moved }) => moved);
    expect(moves.filter(({ moved }) => moved)).toHaveLength(1);
    expect(await forge.head(repo.id, 'maestro/race')).toBe(winner?.head);
  });

  it('moves a branch only while another one stands still', async () => {
    const { forge } = place;
    const change = await opened({ still: 'x' });
    const to = await commitInBare(place, repo.id, base, { to: 'x' });
    await forge.pushBranch({ repo: repo.id, branch: 'maestro/target', from: null, to: base });
    const move = { repo: repo.id, branch: 'maestro/target', from: base, to };

    const refused = await forge.moveBranch({ ...move, unmoved: { branch: change.branch, head: base } });
    const done = await forge.moveBranch({ ...move, unmoved: { branch: change.branch, head: change.head } });

    expect(refused).toEqual({ moved: false, head: base });
    expect(done).toEqual({ moved: true, head: to });
  });

  it('names the lock file that a git which died has left', async () => {
    const to = await commitInBare(place, repo.id, base, { lock: 'x' });
    const lock = join(place.repoDir(repo.id), 'refs/heads/main.lock');
    writeFileSync(lock, '');

    const move = place.forge.moveBranch({ repo: repo.id, branch: 'main', from: base, to });

    await expect(move).rejects.toMatchObject({ code: 'REF_LOCKED', message: expect.stringContaining(lock) });
    rmSync(lock);
  }, 20_000);

  it('follows its branch, and takes an approval of other content back', async () => {
    const { forge, store } = place;
    const change = await opened({ follow: '1' });
    await store.truth.tx((tx) => forge.setState(tx, change.id, 'approved'));
    const next = await commitInBare(place, repo.id, change.head, { follow: '2' });
    await forge.pushBranch({ repo: repo.id, branch: change.branch, from: change.head, to: next });

    await forge.sync(repo.id);

    expect(await forge.find(change.id)).toMatchObject({ head: next, state: 'open' });
  });

  it('keeps state, reasons and landed commit, and lists by tenant, repository and state', async () => {
    const { forge, store } = place;
    const change = await opened({ state: 'x' });
    const asks = [{ code: 'PROTECTED_PATH', msg: 'm', field: 'f', fix: 'x' }];

    await store.truth.tx((tx) => forge.setState(tx, change.id, 'needs_human', { asks }));
    const waiting = await forge.list({ tenant: change.tenant, repo: repo.id, states: ['needs_human'] });
    await store.truth.tx((tx) => forge.setState(tx, change.id, 'landed', { landedCommit: base }));

    expect(waiting).toEqual([{ ...change, state: 'needs_human', asks }]);
    expect(await forge.find(change.id)).toMatchObject({ state: 'landed', asks: [], landedCommit: base });
    expect(await forge.list({ repo: repo.id, states: [] })).toEqual([]);
    expect((await forge.list({ branch: change.branch })).map(({ id }) => id)).toEqual([change.id]);
    const all = await forge.list({ repo: repo.id });
    const pages = [
      await forge.list({ repo: repo.id, limit: 1 }),
      await forge.list({ repo: repo.id, before: all[0]!.id }),
    ];
    expect(pages).toEqual([all.slice(0, 1), all.slice(1)]);
  });

  it('keeps one check of a name and one comment of a marker', async () => {
    const { forge } = place;
    const { id } = await opened({ talk: 'x' });
    const comment = { marker: 'card', author: 'service:maestro' as PrincipalId, body: 'first', at: millis(5) };

    await forge.setCheck(id, { name: 'tests', outcome: 'unknown', summary: 'running' });
    await forge.setCheck(id, { name: 'tests', outcome: 'passed', summary: '12 tests' });
    await forge.comment(id, comment);
    await forge.comment(id, { ...comment, body: 'second' });

    expect(await forge.checks(id)).toEqual([{ name: 'tests', outcome: 'passed', summary: '12 tests' }]);
    expect(await forge.comments(id)).toEqual([{ ...comment, body: 'second' }]);
  });

  it('finds open changes of the same tree or the same patch, and no others', async () => {
    const { forge, store } = place;
    const first = await opened({ twin: 'x' });
    const sameTree = await opened({ twin: 'x' });
    const later = await commitInBare(place, repo.id, base, { elsewhere: 'y' });
    const samePatch = await opened({ twin: 'x' }, later);
    const other = await opened({ twin: 'z' });

    expect(await forge.twins(first)).toEqual([sameTree.id, samePatch.id]);
    expect(await forge.twins(other)).toEqual([]);
    await store.truth.tx((tx) => forge.setState(tx, sameTree.id, 'rejected'));
    expect(await forge.twins(first)).toEqual([samePatch.id]);
  });
}
