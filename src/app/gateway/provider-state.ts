import {
  addOutageFailure,
  dropOutage,
  findProviderLine,
  listOutages,
  listProviderLines,
  putProviderLine,
} from '#adapters/sql/index.ts';
import { type Lines, type Outages, playRound } from '#gateway/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { House } from '../house.ts';

/** Lines at providers' keys in SQL, for all gateways of the company. */
export function sqlLines({ store }: Pick<House, 'store'>): Lines {
  return {
    play: (provider, round) =>
      store.queue.tx(async (tx) => {
        const { line, served } = playRound(await findProviderLine(tx, provider), round);
        await putProviderLine(tx, provider, line);
        return served;
      }),
  };
}

/** Failures of places in SQL, for all gateways of the company. */
export function sqlOutages({ store }: Pick<House, 'store'>): Outages {
  return {
    all: () => listOutages(store.queue),
    failed: (place, restsUntil) => addOutageFailure(store.queue, place, restsUntil),
    over: (place) => dropOutage(store.queue, place),
  };
}

/** Calls that wait for a provider's limit now. */
export type ProviderWait = {
  readonly provider: string;
  readonly tenant: TenantId;
  readonly calls: number;
  readonly longestMs: number;
};

/** In the order of providers and tenants; of one tenant, or of all. */
export async function providerWaits({ store, clock }: House, tenant?: TenantId): Promise<readonly ProviderWait[]> {
  const now = clock.now();
  const waits: ProviderWait[] = [];
  for (const { provider, line } of await listProviderLines(store.queue)) {
    const byTenant = Map.groupBy(line.waiting, (each) => each.tenant);
    for (const [who, calls] of [...byTenant].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (tenant !== undefined && who !== tenant) continue;
      const longestMs = Math.max(...calls.map(({ since }) => now - since));
      waits.push({ provider, tenant: who, calls: calls.length, longestMs });
    }
  }
  return waits;
}
