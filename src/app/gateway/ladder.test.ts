import { describe, expect, it } from 'vitest';
import { Catalog } from '#gateway/index.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { LadderOfFile } from './ladder.ts';

const local = { api: 'openai-compatible', url: 'http://127.0.0.1:1/v1', region: 'local', dataClass: 'internal' };
const names = ['small', 'middle', 'large'];
const catalog = Catalog.read('gateway.yaml', {
  providers: { local },
  models: Object.fromEntries(names.map((name) => [name, [`local/${name}`]])),
  auto: names,
});
const ladder = new LadderOfFile(() => Promise.resolve(catalog));
const choose = (plan: string, part: number, models?: readonly string[]) =>
  ladder.choose({ task: {} as Task, tenant: { id: 'red', policy: { models } } as Tenant, budget: { plan, part } });

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
      expect(chosen.shift).toEqual(without && { plan, without });
    },
  );

  it('has only the models that the tenant may use', async () => {
    expect((await choose('full', 1, ['middle'])).rungs).toEqual(['middle']);
    await expect(choose('full', 1, ['other'])).rejects.toMatchObject({ code: 'MODELS_ABSENT' });
  });
});
