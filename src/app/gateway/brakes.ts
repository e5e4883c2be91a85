import { listTenants } from '#adapters/sql/index.ts';
import type { Brakes } from '#gateway/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { House } from '../house.ts';

/** What holds a tenant back at the gateway, read once a sweep so that no call waits for it. */
export class HouseBrakes implements Brakes {
  readonly #house: House;
  #weights = new Map<TenantId, number>();

  constructor(house: House) {
    this.#house = house;
  }

  stopped(): string | undefined {
    return undefined;
  }

  weight(tenant: TenantId): number {
    return this.#weights.get(tenant) ?? 1;
  }

  async sweep(): Promise<void> {
    const tenants = await listTenants(this.#house.store.truth);
    this.#weights = new Map(tenants.map(({ id, weight }) => [id, weight]));
  }
}
