import { describe, expect, it } from 'vitest';
import { ManualClock, millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Holds } from '../ports.ts';
import type { Draw } from './purse.ts';
import { Purses } from './purses.ts';

const PAYER = { scopes: ['key:1'], priority: 'lo' } as const;
const HELD: Awaited<ReturnType<Holds['take']>> = { kind: 'held', key: 'hold-1', nano: nanoUsd(100) };

function purses(ledger: Partial<Holds>) {
  const settled: string[] = [];
  const logged: string[] = [];
  const clock = new ManualClock(1000);
  const holds = new Purses({
    holds: {
      take: async () => HELD,
      settle: async (key, spent) => void settled.push(`${key} ${spent}`),
      ...ledger,
    },
    clock,
    log: { log: (_level, text) => void logged.push(text) },
  });
  return { holds, settled, logged, clock };
}

async function drawn(from: Purses): Promise<Draw> {
  const answer = await from.of(PAYER).draw(nanoUsd(10), nanoUsd(1), millis(1000));
  if (answer.kind === 'over') throw new Error('there is room for this');
  return answer.draw;
}

describe('the purses of a process', () => {
  it('give back a hold that was being taken when what lies idle was swept', async () => {
    const ledger = Promise.withResolvers<typeof HELD>();
    const { holds, settled } = purses({ take: () => ledger.promise });

    const call = drawn(holds);
    await holds.sweep(0);
    ledger.resolve(HELD);
    (await call).settle(nanoUsd(7), millis(1000));
    await holds.sweep(0);

    expect(settled).toEqual(['hold-1 7']);
  });

  it('try again what the ledger did not take back', async () => {
    let down = true;
    const { holds, settled, logged } = purses({
      settle: async (key) => {
        if (down) throw new Error('the ledger cannot be reached');
        settled.push(key);
      },
    });

    (await drawn(holds)).settle(nanoUsd(7), millis(1000));
    await holds.sweep(0);
    down = false;
    await holds.sweep(0);

    expect(logged).toEqual(['a hold could not be given back yet']);
    expect(settled).toEqual(['hold-1']);
  });

  it.each([
    ['what lay idle for so long', 1250, ['hold-1 7']],
    ['nothing that was used since', 1249, []],
    ['what was used at a moment that is still to come, since the clock went back', 999, ['hold-1 7']],
  ])('give back %s', async (_what, now, expected) => {
    const { holds, settled, clock } = purses({});

    (await drawn(holds)).settle(nanoUsd(7), millis(1000));
    clock.advance(now - 1000);
    await holds.sweep(250);

    expect(settled).toEqual(expected);
  });
});
