import { listStopOrders, listTenants, type StopOrder } from '#adapters/sql/index.ts';
import type { Brakes } from '#gateway/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { House } from '../house.ts';

const EVERYTHING = '*';

/** What holds a tenant back at the gateway: stops and weights, read once a sweep so that no call waits for them. */
export class HouseBrakes implements Brakes {
  readonly #house: House;
  #weights = new Map<TenantId, number>();
  #stops = new Map<string, StopOrder>();

  constructor(house: House) {
    this.#house = house;
  }

  stopped(tenant: TenantId): string | undefined {
    const order = this.#stops.get(EVERYTHING) ?? this.#stops.get(tenant);
    return order && `${order.by} stopped ${order.scope === EVERYTHING ? 'everything' : order.scope}`;
  }

  weight(tenant: TenantId): number {
    return this.#weights.get(tenant) ?? 1;
  }

  async sweep(): Promise<void> {
    const { truth } = this.#house.store;
    this.#stops = new Map((await listStopOrders(truth)).map((order) => [order.scope, order]));
    this.#weights = new Map((await listTenants(truth)).map(({ id, weight }) => [id, weight]));
  }
}
