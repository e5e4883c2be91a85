import { describe, expect, it } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import { seededRandom } from '#kernel/random.ts';
import type { Holds } from '../ports.ts';
import { Purse } from './purse.ts';

/** A ledger of one scope that throws when its cap would be passed. */
class OneScope implements Holds {
  readonly cap: number;
  held = 0;
  spent = 0;
  readonly #open = new Map<string, number>();

  constructor(cap: number) {
    this.cap = cap;
  }

  async take({ leastNano, wantNano, mostNano }: Parameters<Holds['take']>[0]): ReturnType<Holds['take']> {
    await Promise.resolve();
    const room = this.cap - this.held - this.spent;
    if (room < leastNano) {
      return {
        kind: 'over',
        scope: 'key:1',
        roomNano: nanoUsd(room),
        heldNano: nanoUsd(this.held),
        capNano: nanoUsd(this.cap),
      };
    }
    const nano = nanoUsd(Math.min(room, Math.max(wantNano, Math.min(mostNano, Math.floor(room / 4)))));
    const key = `hold-${this.#open.size}`;
    this.#open.set(key, nano);
    this.held += nano;
    if (this.held + this.spent > this.cap) throw new Error('the cap was passed');
    return { kind: 'held', key, nano };
  }

  async settle(key: string, spentNano: NanoUsd): Promise<void> {
    const nano = this.#open.get(key);
    if (nano === undefined) throw new Error(`${key} was settled twice`);
    this.#open.set(key, 0);
    this.held -= nano;
    this.spent += spentNano;
  }
}

describe('a purse', () => {
  it('never spends more than its holds, whatever order calls come and end in', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const ledger = new OneScope(10_000);
      const purse = new Purse({ holds: ledger, scopes: ['key:1'], priority: 'lo' });
      let spent = 0;
      const call = async (): Promise<void> => {
        const want = 1 + random.integer(900);
        const drawn = await purse.draw(nanoUsd(want), nanoUsd(Math.min(want, 50)), millis(1));
        if (drawn.kind === 'over') return;
        await Promise.resolve();
        const cost = nanoUsd(random.integer(drawn.draw.nano + 1));
        spent += cost;
        drawn.draw.settle(cost, millis(2));
        if (random.next() < 0.1) await purse.sweep(0, millis(5));
      };
      await Promise.all(Array.from({ length: 200 }, call));
      await purse.sweep(0, millis(5));

      expect(spent).toBeLessThanOrEqual(ledger.cap);
      expect({ spent: ledger.spent, held: ledger.held, empty: purse.empty }).toEqual({ spent, held: 0, empty: true });
    }
  });

  it('gives a call what is left when it is less than wanted and enough', async () => {
    const purse = new Purse({ holds: new OneScope(100), scopes: ['key:1'], priority: 'lo' });

    const drawn = await purse.draw(nanoUsd(480), nanoUsd(10), millis(1));

    expect(drawn.kind === 'drawn' && drawn.draw.nano).toBe(100);
  });
});
