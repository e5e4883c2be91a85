import { describe, expect, it } from 'vitest';
import { Catalog, ModelTable, PriceBook, readPriceSheet } from '#gateway/index.ts';
import { systemClock } from '#kernel/clock.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { LadderOfFile } from './ladder.ts';

const local = { api: 'openai-compatible', url: 'http://127.0.0.1:1/v1', region: 'local', dataClass: 'internal' };
const PRICES = { small: 1, middle: 4, large: 10, nearly: 9, huge: 100 };
const NO_PRICE = 'free';
const names = [...Object.keys(PRICES), NO_PRICE];
const prices = Object.fromEntries(
  Object.entries(PRICES).map(([name, price]) => [name, { input: price, output: price }]),
);
const catalog = (auto: readonly string[]): Catalog => {
  const models = Object.fromEntries(names.map((name) => [name, [`local/${name}`]]));
  const file = { providers: { local }, models };
  return Catalog.read('gateway.yaml', auto.length === 0 ? file : { ...file, auto });
};
const ladderOf = (auto: readonly string[]): LadderOfFile => {
  const sheet = readPriceSheet('prices.json', { prices: { local: prices } });
  const table = new ModelTable({ catalog: catalog(auto), prices: new PriceBook([sheet]), clock: systemClock });
  return new LadderOfFile(() => Promise.resolve(table));
};

const AUTO = ['small', 'middle', 'large'];
const choose = (
  plan: string,
  part: number,
  more: { model?: string; models?: readonly string[]; auto?: readonly string[] } = {},
) => {
  const { model, models, auto = AUTO } = more;
  const work = { kind: 'agent', name: 'native', prompt: 'x', ...(model === undefined ? {} : { model }) } as const;
  return ladderOf(auto).choose({
    // The casts are true as far as a plan is chosen by them.
    task: { work } as unknown as Task,
    tenant: { id: 'red', policy: { models } } as Tenant,
    budget: part === 1 ? { plan, part } : { plan, part, because: 'little is left' },
  });
};

describe('the ladder of the gateway file', () => {
  it.each([
    ['full', 1, ['small', 'middle', 'large'], undefined],
    ['half', 0.5, ['small', 'middle'], ['large']],
    ['quarter', 0.25, ['small'], ['middle', 'large']],
    ['tiny', 0.01, ['small'], ['middle', 'large']],
  ])(
    'under the budget plan %s (%d) begins at its cheapest rung and ends sooner',
    async (plan, part, rungs, without) => {
      const chosen = await choose(plan, part);

      expect(chosen.rungs).toEqual(rungs);
      expect(chosen.asked).toBeUndefined();
      expect(chosen.shift).toEqual(without && { plan, without, because: 'little is left' });
    },
  );

  it('has only the models that the tenant may use', async () => {
    expect((await choose('full', 1, { models: ['middle'] })).rungs).toEqual(['middle']);
    await expect(choose('full', 1, { models: ['other'] })).rejects.toMatchObject({ code: 'MODELS_ABSENT' });
  });
});

describe('a model that a task names', () => {
  it.each([
    ['small', 1, ['small', 'middle', 'large']],
    ['middle', 1, ['middle', 'large']],
    ['large', 1, ['large']],
    ['middle', 0.5, ['middle']],
    ['large', 0.5, ['middle']],
    ['large', 0.25, ['small']],
  ])('%s is begun with where the budget (%d) leaves it, else the dearest one below', async (model, part, rungs) => {
    const chosen = await choose('some', part, { model });

    expect(chosen).toMatchObject({ asked: model, rungs, id: rungs.length > 1 ? 'ladder' : 'single' });
    if (rungs[0] !== model) expect(chosen.shift).toMatchObject({ plan: 'some', because: 'little is left' });
  });

  it.each([
    ['nearly', 1, ['nearly', 'large']],
    ['nearly', 0.5, ['middle']],
    ['huge', 1, ['huge']],
    [NO_PRICE, 1, [NO_PRICE]],
  ])('%s, which is not on the ladder, climbs (at %d) to the rungs that are dearer', async (model, part, rungs) => {
    expect((await choose('some', part, { model })).rungs).toEqual(rungs);
  });

  it('is the only one where there is no ladder, whatever the budget', async () => {
    expect(await choose('some', 0.25, { model: 'large', auto: [] })).toMatchObject({
      rungs: ['large'],
      asked: 'large',
    });
  });

  it('does not climb to what the tenant may not use, and is refused when the file has it no more', async () => {
    expect((await choose('full', 1, { model: 'small', models: ['small', 'large'] })).rungs).toEqual(['small', 'large']);
    await expect(choose('full', 1, { model: 'smal' })).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });
});
