import { afterEach, describe, expect, it } from 'vitest';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { inbox } from '#app/views/inbox.ts';
import { ENDED, type Task } from '#domain/task.ts';
import { git } from '../git/scratch.ts';
import { withPart } from '../with-part.ts';
import { ada, Words } from './words.ts';

let words: Words;
afterEach(() => words[Symbol.asyncDispose]());

const main = (): string => git(words.house.repoDir(words.repo.id), 'rev-parse', 'main');

describe('a task that lands', () => {
  it('and is cancelled before the intent to move the branch is on record moves nothing', async () => {
    words = await Words.open();
    const { house } = words;
    const before = main();
    const task = await words.submit('one');
    const policy = withPart(house.policy, {
      decide: async (asked, signal) => {
        if (asked.action.name === 'change.land') await cancel(house, task, ada);
        return house.policy.decide(asked, signal);
      },
    });

    await words.workUntil(task, ENDED, { policy });

    expect([(await words.now(task)).state, main()]).toEqual(['cancelled', before]);
    expect(await house.store.truth.tx((tx) => house.ledger.openHolds(tx))).toEqual([]);
  }, 120_000);

  it('cannot be cancelled any more after it', async () => {
    words = await Words.open();
    const { house } = words;
    const before = main();
    const answers: unknown[] = [];
    const task = await words.submit('two');
    const forge = withPart(house.forge, {
      moveBranch: async (move) => {
        answers.push(await cancel(house, task, ada).catch((error: unknown) => error));
        const moved = await house.forge.moveBranch(move);
        answers.push(await cancel(house, task, ada).catch((error: unknown) => error));
        return moved;
      },
    });

    await words.workUntil(task, ENDED, { forge });

    expect(answers).toMatchObject([{ code: 'TASK_STATE' }, { code: 'TASK_STATE' }]);
    expect((await words.now(task)).state).toBe('landed');
    expect(main()).not.toBe(before);
  }, 120_000);
});

describe('a change whose task is cancelled asks nobody any more, and stands in the way of no other', () => {
  const changesOf = async ({ id }: Task) =>
    (await words.house.forge.list({ tenant: words.tenant.id }))
      .filter(({ task }) => task === id)
      .map(({ state }) => state);

  it('when it waited for a person; tried again it is no duplicate of itself', async () => {
    words = await Words.open({ policy: { protectedPaths: ['*.js'] } });
    const { house } = words;
    const task = await words.submit('one');
    await words.workUntil(task, ['needs_human']);
    expect(await inbox(house)).toHaveLength(1);

    await cancel(house, await words.now(task), ada);

    expect(await inbox(house)).toEqual([]);
    expect(await changesOf(task)).toEqual(['closed']);
    await retry(house, await words.now(task), ada);
    await words.workUntil(task, ['needs_human']);
    expect((await words.now(task)).reasons.map(({ code }) => code)).not.toContain('DUPLICATE_CHANGE');
    expect((await changesOf(task)).sort()).toEqual(['closed', 'needs_human']);
  }, 120_000);

  it('when its run proposed it after the cancellation', async () => {
    words = await Words.open({ policy: { protectedPaths: ['*.js'] } });
    const { house } = words;
    const task = await words.submit('two');
    const forge = withPart(house.forge, {
      open: async (change) => {
        await cancel(house, task, ada);
        return house.forge.open(change);
      },
    });

    await words.workUntil(task, ['cancelled'], { forge });

    expect(await changesOf(task)).toEqual(['closed']);
    expect(await inbox(house)).toEqual([]);
  }, 120_000);
});
