import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '#kernel/random.ts';
import { SHIPPED } from '../shipped.ts';
import { ECHO, reactor, wat } from '../wat.ts';
import { HELD, type Lab, READ_IMPORTS } from './lab.ts';

export interface MutationResult {
  readonly modules: number;
  readonly refused: number;
  readonly ran: number;
  /** How calls ended, by code. */
  readonly ends: { readonly [code: string]: number };
  readonly crashes: number;
}

/** Flips, removes, doubles and overwrites bytes of good modules, and puts every one through admission and, if admitted, a run. */
export async function mutate(lab: Lab, count: number, seed: number): Promise<MutationResult> {
  const random = seededRandom(seed);
  const seeds = [
    await wat(ECHO),
    await wat(reactor(HELD.replace('CALL', '$read'), READ_IMPORTS)),
    await wat(
      reactor(
        '(memory.fill (i32.const 0) (i32.const 7) (local.get $n)) (i64.const 0)',
        '(table $t 4 funcref) (elem (i32.const 0) $run $alloc)',
      ),
    ),
    readFileSync(join(SHIPPED, 'code-search', 'built', 'module.wasm')),
  ];
  const ends: { [code: string]: number } = {};
  let [refused, ran, crashes] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    // The small ones change meaning more often, so they come more often.
    const bytes = mutated(
      seeds[random.integer(8) === 0 ? 3 : random.integer(3)] ?? new Uint8Array(),
      random.integer(4),
      random,
    );
    const { code, report } = await lab.run(bytes, { input: 'a.txt', limits: { fuel: 1_000_000, wall_ms: 500 } });
    if (report === undefined) refused++;
    else ran++;
    if (code === 'RUNNER_LOST') crashes++;
    ends[code] = (ends[code] ?? 0) + 1;
  }
  return { modules: count, refused, ran, ends, crashes };
}

function mutated(good: Uint8Array, kind: number, random: ReturnType<typeof seededRandom>): Uint8Array {
  const bytes = good.slice();
  const at = 8 + random.integer(bytes.length - 8);
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
  else if (kind === 1) bytes[at] = random.integer(256);
  else if (kind === 2)
    for (let n = 1 + random.integer(4); n > 0; n--) bytes[8 + random.integer(bytes.length - 8)] = random.integer(256);
  else bytes.copyWithin(at, 8 + random.integer(bytes.length - 8), bytes.length - random.integer(16));
  return bytes;
}
