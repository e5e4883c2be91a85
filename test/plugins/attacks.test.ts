import { afterAll, expect, test } from 'vitest';
import { ATTACKS } from './attacks/index.ts';
import { Lab } from './attacks/lab.ts';
import { mutate } from './attacks/mutations.ts';
import { swapRace } from './attacks/swap-race.ts';

const lab = new Lab();
afterAll(() => lab.close());

test.each(ATTACKS)('row $row: $name is answered $expect', async ({ naive, attack, expect: code }) => {
  if (naive !== undefined) expect(await naive(lab), 'the attack succeeds against a naive loader').toBe(true);

  const outcome = await attack(lab);

  expect(outcome.code).toBe(code);
  expect(lab.untouched()).toBe(true);
  expect(await lab.alive()).toBe(true);
});

test('row 3: 2000 reads while names are swapped with links never leave the workspace, a naive reader does', async () => {
  const race = await swapRace(lab, 2000);

  expect(race.outside).toBe(0);
  expect(race.good + race.refused).toBe(2000);
  expect(race.good).toBeGreaterThan(0);
  expect(race.refused).toBeGreaterThan(0);
});

test('1000 mutated modules crash nothing and touch nothing', async () => {
  const result = await mutate(lab, 1000, 1);

  expect(result.crashes).toBe(0);
  expect(result.ran).toBeGreaterThan(50);
  expect(lab.untouched()).toBe(true);
  expect(await lab.alive()).toBe(true);
});
