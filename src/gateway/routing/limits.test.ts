import { describe, expect, it } from 'vitest';
import { ManualClock, millis } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { seededRandom } from '#kernel/random.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Provider } from '../catalog.ts';
import type { Lines } from '../ports.ts';
import { Stop } from '../stop.ts';
import { type Line, playRound, type Round } from './line.ts';
import { ProviderLimits } from './limits.ts';

const provider = { name: 'one', requestsPerMinute: 600, tokensPerMinute: undefined } as Provider;
const WEIGHTS = new Map([
  ['red', 3],
  ['blue', 1],
]);

/** The line of one key, and any number of processes at it. */
function world() {
  const clock = new ManualClock(0);
  const state: { line: Line | undefined } = { line: undefined };
  const lines: Lines = {
    play: async (_, round) => {
      const { line, served } = playRound(state.line, round);
      state.line = line;
      return served;
    },
  };
  const process = (seed: number): ProviderLimits =>
    new ProviderLimits({
      clock,
      lines,
      ids: new Ids({ clock, random: seededRandom(seed) }),
      brakes: { stopped: () => undefined, weight: (tenant) => WEIGHTS.get(tenant) ?? 1 },
    });
  return { clock, state, process };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 20) {
    clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A process with one waiting call, at a key that gives one turn each ten seconds. */
function round(id: string, now: number): Round {
  return {
    now: millis(now),
    limits: { requestsPerMinute: 6, tokensPerMinute: undefined },
    mine: [{ id, tenant: id as TenantId, weight: 1, tokens: 1, since: millis(now) }],
    left: [],
  };
}

describe('the limits of one key', () => {
  it('are shared between waiting tenants by weight and over processes, and each wait is visible', async () => {
    const { clock, state, process } = world();
    const processes = [process(1), process(2)];
    const served: { tenant: string; waited: number; at: number }[] = [];
    const ask = async (tenant: string, n: number): Promise<void> => {
      const waited = await processes[n % 2]!.turn(provider, tenant as TenantId, 100, new Stop());
      served.push({ tenant, waited, at: clock.now() });
    };
    for (let i = 0; i < 100; i++) await ask('warm', i); // the burst is used up

    const asked = Array.from({ length: 60 }, (_, i) => ask(i % 4 < 2 ? 'red' : 'blue', i));
    await pass(clock, 40);
    expect(state.line?.waiting.length).toBe(60);
    await pass(clock, 8000);
    await Promise.all(asked);

    const half = served.slice(100, 128);
    expect(half.filter(({ tenant }) => tenant === 'red').length / half.length).toBeGreaterThan(0.68);
    expect(Math.max(...served.map(({ waited }) => waited))).toBeGreaterThan(5000);
    // 600 a minute are 10 a second, whoever asks.
    for (let at = 0; at < 6000; at += 1000) {
      const inSecond = served.slice(100).filter((each) => each.at >= at && each.at < at + 1000).length;
      expect(inSecond).toBeLessThanOrEqual(11);
    }
  });

  it('are not held up by calls of a process that died', () => {
    const used = playRound(undefined, round('warm', 0));
    const dies = playRound(used.line, round('dead', 10));

    const soon = playRound(dies.line, round('alive', 1000));
    const later = playRound(soon.line, round('alive', 10_010));

    expect([dies.served, soon.served, later.served]).toEqual([[], [], ['alive']]);
    expect(soon.line.waiting.map(({ id }) => id)).toEqual(['dead', 'alive']);
  });

  it.each([
    ['hours ahead is not believed', 2 * 3_600_000, ['second']],
    ['a minute ahead fills nothing twice', 60_000, []],
  ])('are filled by time, and a clock that was %s', (_what, ahead, expected) => {
    const told = playRound(undefined, round('first', ahead));

    const wrong = playRound(told.line, round('second', 0));
    const later = playRound(wrong.line, round('second', 10_000));

    expect([told.served, wrong.served, later.served]).toEqual([['first'], [], expected]);
  });

  it('refuse whoever waits for half a minute, and whoever hung up', async () => {
    const { clock, process } = world();
    const slow = { ...provider, requestsPerMinute: 1 };
    const limits = process(1);
    await limits.turn(slow, 'red' as TenantId, 1, new Stop());
    const gone = new Stop();

    const hungUp = limits.turn(slow, 'red' as TenantId, 1, gone);
    const late = limits.turn(slow, 'red' as TenantId, 1, new Stop());
    gone.now(new Error('the client hung up'));

    await expect(hungUp).rejects.toMatchObject({ code: 'UPSTREAM_LIMITED' });
    const ended = expect(late).rejects.toMatchObject({ code: 'UPSTREAM_LIMITED', details: { retryAfter: 10 } });
    await pass(clock, 31_000);
    await ended;
  });
});
