import { afterAll, expect, test } from 'vitest';
import { sized } from '../size.ts';
import { ATTACKS } from './attacks/index.ts';
import { Lab } from './attacks/lab.ts';
import { mutate } from './attacks/mutations.ts';
import { swapRace } from './attacks/swap-race.ts';

const READS = sized(400, 2000);
const MUTANTS = sized(200, 1000);
const lab = new Lab();
afterAll(() => lab.close());

test.each(ATTACKS)('row $row: $name is answered $expect', async ({ naive, attack, expect: code }) => {
  if (naive !== undefined) expect(await naive(lab), 'the attack succeeds against a naive loader').toBe(true);

  const outcome = await attack(lab);

  expect(outcome.code).toBe(code);
  expect(lab.untouched()).toBe(true);
  expect(await lab.alive()).toBe(true);
});

test(`row 3: ${READS} reads while names are swapped with links never leave the workspace, a naive reader does`, async () => {
  const race = await swapRace(lab, READS);

  expect(race.naiveFalls).toBe(true);
  expect(race.outside).toBe(0);
  expect(race.tries).toBeGreaterThanOrEqual(READS);
  expect(race.good + race.refused).toBe(race.tries);
  expect(race.good).toBeGreaterThan(0);
  expect(race.refused).toBeGreaterThan(0);
});

test(`${MUTANTS} mutated modules crash nothing and touch nothing`, async () => {
  const result = await mutate(lab, MUTANTS, 1);

  expect(result.crashes).toBe(0);
  expect(result.ran).toBeGreaterThan(MUTANTS / 20);
  expect(lab.untouched()).toBe(true);
  expect(await lab.alive()).toBe(true);
});
