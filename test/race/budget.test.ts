import { describe, expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { ENGINES, startEngine } from '../engines/stores.ts';
import { sized } from '../size.ts';
import { raceForBudgets } from './budget-race.ts';

const ORG_CAP = sized(400_000_000, 1_000_000_000);

describe.each(ENGINES)('64 clients in 4 processes with kill -9: %s', (engine) => {
  test('no cap is ever passed, nearly all is used, and each nano-dollar is accounted for', async (context) => {
    const places = await startEngine(engine);
    if (!places) return context.skip('no engine');

    const race = await raceForBudgets(places.next(), { orgCap: ORG_CAP, kills: 6, random: seededRandom(1) });
    await places.stop();

    const { scopes, ...figures } = race;
    console.log(`${engine}: ${JSON.stringify(figures)}`);
    expect(race.crashed).toBeGreaterThan(0);
    expect(race.looks).toBeGreaterThan(10);
    expect(race.most).toBeGreaterThan(0.5);
    expect(race.most).toBeLessThanOrEqual(1);
    expect(race.used).toBeGreaterThanOrEqual(0.95);
    expect(scopes).toHaveLength(5);
    for (const { spent, settled, held } of scopes) {
      expect(held).toBe(0);
      expect(settled).toBe(spent);
    }
    expect(race.control).toBeGreaterThan(1);
  });
});
