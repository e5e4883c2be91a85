import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '#kernel/random.ts';
import { playEveryMeasure } from '../test/qos/automatic-cards.ts';
import { raceForBudgets } from '../test/race/budget-race.ts';
import { type BenchResult, benchResult, target } from './result.ts';

const ORG_CAP = 1_000_000_000;
const KILLS = 12;

/** Issue 4: a cap is a cap under any concurrency and any crash, and whatever the system does by itself it explains on one card. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-budget-'));
  const location = { engine: 'sqlite', path: join(dir, 'maestro.db') } as const;
  const race = await raceForBudgets(location, { orgCap: ORG_CAP, kills: KILLS, random: seededRandom(options.seed) });
  rmSync(dir, { recursive: true, force: true });
  const counts = await playEveryMeasure();

  const { scopes, ...figures } = race;
  const astray = scopes.reduce((sum, { spent, settled, held }) => sum + Math.abs(spent - settled) + held, 0);
  return benchResult({
    bench: 'qos-budget',
    seed: options.seed,
    rows: [
      { ...figures, clients: 64, processes: 4 },
      ...scopes.map((row) => ({ ...row })),
      ...counts.map((row) => ({ ...row })),
    ],
    targets: [
      target('spent + held of any cap at any look, most', race.most, '<=', 1),
      target('part of the cap that was used', race.used, '>=', 0.95),
      target('spent and not settled, or still held, nano-dollars', astray, '=', 0),
      target('processes killed', race.kills, '>', 0),
      target('holds of killed clients', race.crashed, '>', 0),
      target('check first, add afterwards: part of the same cap', race.control, '>', 1),
      ...counts.flatMap(({ event, events, cards, matched }) => [
        target(`${event}: events`, events, '>', 0),
        target(`${event}: cards for each event`, cards / events, '=', 1),
        target(`${event}: cards that name it, with reason and next step`, matched / cards, '=', 1),
      ]),
    ],
  });
}
