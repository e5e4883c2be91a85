import { addGatewayKey, changeGatewayKeysRevoked, findGatewayKey, listGatewayKeys } from '#adapters/sql/index.ts';
import type { KeyRequest, VirtualKey } from '#gateway/index.ts';
import type { Millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Principal } from '#domain/action.ts';
import type { RunId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { Remembered } from './remembered.ts';

/** A new key; the token is told once and kept by nobody. */
export interface IssuedKey {
  readonly key: VirtualKey;
  readonly token: string;
}

/** A key for a person or service of a tenant. It spends from the company's and the tenant's budgets, and from a cap of its own. */
export async function issueKey(
  house: House,
  tenant: Tenant,
  request: Pick<KeyRequest, 'models' | 'capNano' | 'priority' | 'expiresAt'>,
  by: Principal,
): Promise<IssuedKey> {
  const id = house.ids.next('key');
  const action = {
    name: 'key.create',
    principal: by,
    tenant,
    resource: { kind: 'model-key', id, attributes: { for: by.id, roles: ['operator'], models: request.models } },
  } as const;
  return perform(house, action, async (tx) => {
    const { capNano, ...rest } = request;
    const own = `key:${id}`;
    await house.ledger.setCap(tx, { scope: own, capNano, keptForHiNano: nanoUsd(0), period: null });
    const scopes = ['org', `tenant:${tenant.id}`, own];
    const acts = { principal: by.id, grants: [{ role: 'operator', tenant: tenant.id }] } as const;
    return keep(tx, house, { ...rest, ...acts, id, tenant: tenant.id, scopes, createdAt: house.clock.now() });
  });
}

/** What a run's key is to be; `capNano` is what the run may spend on models of all its hold. */
export interface RunKeyRequest {
  readonly task: Task;
  readonly run: RunId;
  readonly agent: Principal;
  readonly models: readonly string[];
  readonly capNano: NanoUsd;
  readonly expiresAt: Millis;
}

/**
 * A key for the agent of one run. Its calls draw on the run's own scope, whose cap lies within what the admission of the
 * task holds on company and tenant. Every key of a run shares that cap, so a run that resumes with a new key has no more.
 */
export async function issueRunKey(house: House, request: RunKeyRequest): Promise<IssuedKey> {
  const { task, run, agent, models, capNano, expiresAt } = request;
  const scope = `run:${run}`;
  return house.store.truth.tx(async (tx) => {
    if ((await house.ledger.balance(tx, scope)) === undefined) {
      await house.ledger.setCap(tx, { scope, capNano, keptForHiNano: nanoUsd(0), period: null });
    }
    return keep(tx, house, {
      id: house.ids.next('key'),
      tenant: task.tenant,
      task: task.id,
      run,
      principal: agent.id,
      delegatedBy: task.submittedBy,
      grants: agent.grants,
      models,
      scopes: [scope],
      priority: task.priority,
      createdAt: house.clock.now(),
      expiresAt,
    });
  });
}

async function keep(tx: Tx, house: House, key: VirtualKey): Promise<IssuedKey> {
  const { newToken, tokenHash } = await import('#gateway/index.ts'); // loaded where models are called
  const token = newToken(house.random);
  await addGatewayKey(tx, tokenHash(token), key);
  return { key, token };
}

export async function allKeys(house: House, tenant: Tenant): Promise<readonly VirtualKey[]> {
  return listGatewayKeys(house.store.truth, tenant.id);
}

/** True when it was alive until now. */
export async function revokeKey(house: House, tenant: Tenant, id: string, by: Principal): Promise<boolean> {
  const key = (await allKeys(house, tenant)).find((each) => each.id === id);
  if (key === undefined) return false;
  const owner = key.principal;
  const action = {
    name: 'key.revoke',
    principal: by,
    tenant,
    resource: { kind: 'model-key', id, attributes: { for: owner } },
  } as const;
  return perform(house, action, async (tx) => {
    return (await changeGatewayKeysRevoked(tx, { tenant: tenant.id, id }, house.clock.now())) === 1;
  });
}

/** The run is over, so nothing of it may call a model any more. */
export async function revokeRunKeys(tx: Tx, house: House, task: Task, run: RunId): Promise<void> {
  await changeGatewayKeysRevoked(tx, { tenant: task.tenant, run }, house.clock.now());
}

/** So long a key is remembered; a revocation acts within this time. */
const REMEMBERED_MS = 1000;

/** Keys by hash, asked of SQL once a second. */
export class CachedKeys {
  readonly #house: House;
  readonly #known: Remembered<VirtualKey>;

  constructor(house: House) {
    this.#house = house;
    this.#known = new Remembered({ clock: house.clock, keepMs: REMEMBERED_MS });
  }

  async find(hash: string): Promise<VirtualKey | undefined> {
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    const now = this.#house.clock.now();
    const key = await findGatewayKey(this.#house.store.truth, hash);
    // What no key has is not remembered: guessing must not fill the memory.
    if (key === undefined) this.#known.delete(hash);
    else this.#known.set(hash, key, now);
    return key;
  }

  sweep(): void {
    this.#known.sweep();
  }
}
