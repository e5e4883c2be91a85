import { describe, expect, it } from 'vitest';
import { ManualClock } from '#kernel/clock.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Provider } from '../catalog.ts';
import { Stop } from '../stop.ts';
import { ProviderLimits } from './limits.ts';

const provider = { name: 'one', requestsPerMinute: 600, tokensPerMinute: undefined } as Provider;
const WEIGHTS = new Map([
  ['red', 3],
  ['blue', 1],
]);

describe('the limits of one key', () => {
  it('are shared between waiting tenants by weight, and each wait is visible', async () => {
    const clock = new ManualClock(0);
    const limits = new ProviderLimits({
      clock,
      brakes: { stopped: () => undefined, weight: (tenant) => WEIGHTS.get(tenant) ?? 1 },
    });
    const served: string[] = [];
    const waits: number[] = [];
    const gone = new Stop();
    const ask = async (tenant: string): Promise<void> => {
      const waited = await limits.turn(provider, tenant as TenantId, 100, gone);
      served.push(tenant);
      waits.push(waited);
    };
    for (let i = 0; i < 100; i++) await ask('warm'); // the burst is used up

    const asked = Array.from({ length: 60 }, (_, i) => ask(i % 2 === 0 ? 'red' : 'blue'));
    expect(limits.waits().length).toBe(60);
    for (let i = 0; i < 400; i++) {
      clock.advance(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(asked);

    const half = served.slice(100, 128);
    expect(half.filter((tenant) => tenant === 'red').length / half.length).toBeGreaterThan(0.68);
    expect(Math.max(...waits)).toBeGreaterThan(5000);
  });
});
