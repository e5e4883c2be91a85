import { expect, test } from 'vitest';
import { createKey } from '#app/access/keys.ts';
import { platform } from '#app/access/platform.ts';
import { giveRoles } from '#app/access/roles.ts';
import { taskDetails } from '#app/views/task-view.ts';
import type { DecisionDocument } from '#app/views/decisions.ts';
import { usd } from '#kernel/money.ts';
import { serve } from '#server/serve.ts';
import { json, maestro } from '../e2e/maestro.ts';
import { ADA, Place } from './place.ts';

test('people see what the system did by itself: with the task, on the pages, and as a list', async () => {
  await using place = await Place.open({ ladder: { burst: 1, lowNano: usd(0.1) } });
  const { house } = place;
  const shop = await place.tenant('shop', { budgetNano: usd(10) });
  await place.tenant('other');
  for (let n = 0; n < 2; n++) await place.submit(shop, { agent: true, maxNano: usd(3.9) });
  const shifted = await place.submit(shop, { agent: true, maxNano: usd(3.9) });
  const waits = await place.submit(shop, { agent: true, maxNano: usd(3.9) });

  const [downshift] = (await taskDetails(house, shifted)).decisions;
  expect(downshift).toMatchObject({
    event: 'budget.downshifted',
    rule: 'DOWNSHIFT_ROOM',
    tenant: 'shop',
    task: shifted.id,
  });

  const shown = (await maestro(house.dataDir, ['task', 'show', waits.id])).stdout;
  expect(shown).toContain(`task.deferred shop ${waits.id}`);
  expect(shown).toContain('rule: BUDGET_EXHAUSTED');
  expect(shown).toMatch(/next: wait .*maestro budget top-up --scope tenant:shop/);

  const list = (tenant: string): Promise<{ decisions: DecisionDocument[] }> =>
    json(house.dataDir, ['slo', 'decisions', '--tenant', tenant]);
  expect((await list('shop')).decisions.map(({ event }) => event)).toEqual(['task.deferred', 'budget.downshifted']);
  expect((await list('other')).decisions).toEqual([]);

  await giveRoles(house, platform(house), { id: 'human:eve', roles: ['viewer'], by: ADA });
  const { text } = await createKey(house, platform(house), { for: 'human:eve', roles: ['viewer'], by: ADA });
  await using served = await serve(house, { host: '127.0.0.1', port: 0 });
  for (const path of ['/', `/tasks/${waits.id}`]) {
    const page = await (await fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${text}` } })).text();
    expect(page).toContain('Decided by the system');
    expect(page).toContain('BUDGET_EXHAUSTED');
  }
  const quiet = await place.submit(shop, { priority: 'hi' });
  const page = await fetch(`${served.url}/tasks/${quiet.id}`, { headers: { authorization: `Bearer ${text}` } });
  expect(await page.text()).not.toContain('Decided by the system');
});
