import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, pageModelCalls, type Store } from '#adapters/sql/index.ts';
import type { EndedCall, OpenCall } from '#gateway/index.ts';
import type { DecisionId, TenantId } from '#domain/ids.ts';
import { ManualClock, millis, nextTurn } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import { SqlCallBook } from './call-book.ts';

const RED = 'red' as TenantId;
const USAGE = { input: 1, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 1, reasoning: 0 };

function opened(id: string): OpenCall {
  return {
    ...{ id, request: 'req-1', attempt: 1, tenant: RED, key: 'key-1', asked: 'm', provider: 'p', model: 'm' },
    ...{ format: 'chat', plan: 'asked', rung: 0, propensity: 1, decision: 'dec-1' as DecisionId, block: 'hold-1' },
    ...{ boundNano: nanoUsd(9), maxOutput: 9, ratesJson: '{}', sheet: '', waitedMs: 0, at: millis(1) },
  };
}

function ended(id: string): EndedCall {
  const costNano = nanoUsd(3);
  return {
    ...{ id, costNano, source: 'reported', usage: USAGE, status: 200, savedNano: nanoUsd(0) },
    ...{ upstreamRequest: null, at: millis(2) },
  };
}

describe('the record of calls', () => {
  let store: Store;
  let refusals = 0;
  const clock = new ManualClock(0);
  const logged: string[] = [];
  const book = (): SqlCallBook => {
    const commit: Store['groups']['commit'] = (statements) =>
      refusals-- > 0 ? Promise.reject(new Error('the disk is full')) : store.groups.commit(statements);
    return new SqlCallBook({ groups: { commit }, clock, log: { log: (_level, text) => void logged.push(text) } });
  };
  /** Until it is written, or given up. */
  async function written(calls: SqlCallBook): Promise<boolean> {
    const state: { is?: boolean } = {};
    void calls.written().then((is) => (state.is = is));
    while (state.is === undefined) {
      clock.advance(100);
      await nextTurn();
    }
    return state.is;
  }
  const sources = async () => (await pageModelCalls(store.truth, { limit: 9 })).map(({ source }) => source);

  beforeEach(async () => {
    store = await openStore({ engine: 'sqlite', path: ':memory:' });
    refusals = 0;
    logged.length = 0;
  });
  afterEach(() => store.close());

  it('has the ends of calls also when they were refused once, with whatever they were written together', async () => {
    const calls = book();
    for (const id of ['call-1', 'call-2']) await calls.open(opened(id));

    refusals = 2;
    for (const id of ['call-1', 'call-2']) calls.end(ended(id));
    const third = calls.open(opened('call-3'));

    await expect(third).rejects.toThrow('the disk is full');
    expect(await written(calls)).toBe(true);
    expect(await sources()).toEqual(['reported', 'reported']);
    expect(logged).toEqual([]);
  });

  it('says so when the end of a call could not be brought there', async () => {
    const calls = book();
    await calls.open(opened('call-1'));

    refusals = 100;
    calls.end(ended('call-1'));
    const told = await written(calls);
    refusals = 0;

    expect([told, await written(calls)]).toEqual([false, true]);
    expect(await sources()).toEqual([null]);
    expect(logged).toEqual(['the end of a call could not be recorded']);
  });
});
