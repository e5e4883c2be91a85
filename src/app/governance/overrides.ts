import {
  addOverride,
  appendEvent,
  approveOverride as markApproved,
  listOverrides,
  listTenants,
  revokeOverride as markRevoked,
} from '#adapters/sql/index.ts';
import { formatDuration } from '#kernel/duration.ts';
import { isoTime } from '#kernel/iso-time.ts';
import { millis } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { ACTIONS, type ActionName, type Principal } from '#domain/action.ts';
import type { OverrideId, RepoId, TaskId } from '#domain/ids.ts';
import type { Override, OverrideRequest, OverrideScope } from '#domain/override.ts';
import type { Tenant } from '#domain/tenant.ts';
import { OVERRIDABLE, overrideState } from '#policy/index.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform, type Request } from '../perform.ts';
import { getTenant } from '../tenants/tenants.ts';

/** What a person asks for. */
export interface OverrideAsk {
  readonly tenant: Tenant;
  readonly action: string;
  readonly codes: readonly string[];
  readonly reason: string;
  readonly forMs: number;
  readonly maxUses: number;
  readonly repo?: string;
  readonly task?: string;
  readonly paths?: readonly string[];
}

/** Records the request; it lifts nothing until another person has approved it. Throws OVERRIDE_INVALID. */
export async function requestOverride(house: House, ask: OverrideAsk, by: Principal): Promise<Override> {
  const request = requestOf(house, ask, by);
  await perform(house, requestTo(request, 'override.request', by, ask.tenant), async (tx) => {
    await addOverride(tx, request);
    const { id, action, codes, scope, reason, expiresAt, maxUses } = request;
    const data = { override: id, action, codes, scope: scopeDocument(scope), reason, expiresAt, maxUses };
    await appendEvent(tx, house.clock.now(), { type: 'override.requested', tenant: request.tenant, by: by.id, data });
  });
  return { ...request, uses: 0 };
}

function requestOf(house: House, ask: OverrideAsk, by: Principal): OverrideRequest {
  const wrong = (message: string): AppError => new AppError('OVERRIDE_INVALID', message);
  const action = ACTIONS.find((name) => name === ask.action);
  if (action === undefined) throw wrong(`no action is called "${ask.action}"`);
  const stuck = ask.codes.filter((code) => !OVERRIDABLE.includes(code));
  if (ask.codes.length === 0) throw wrong('it names no refusal that it lifts (--code)');
  if (stuck.length > 0) throw wrong(`${stuck.join(', ')} can never be lifted; what can: ${OVERRIDABLE.join(', ')}`);
  if (ask.reason.trim() === '') throw wrong('it gives no reason');
  if (!(ask.forMs > 0 && ask.forMs <= house.overrideLongestMs)) {
    throw wrong(`${formatDuration(ask.forMs)} is not a time up to ${formatDuration(house.overrideLongestMs)}`);
  }
  if (!(Number.isSafeInteger(ask.maxUses) && ask.maxUses >= 1)) throw wrong(`${ask.maxUses} is no number of uses`);
  const now = house.clock.now();
  // The casts are true as questions: a scope that names what does not exist covers nothing.
  const repo = ask.repo as RepoId | undefined;
  const task = ask.task as TaskId | undefined;
  return {
    // The cast is true: this is where override ids are made.
    id: house.ids.next('ovr') as OverrideId,
    tenant: ask.tenant.id,
    action,
    codes: ask.codes,
    scope: {
      ...(repo === undefined ? {} : { repo }),
      ...(task === undefined ? {} : { task }),
      ...(ask.paths === undefined ? {} : { paths: ask.paths }),
    },
    reason: ask.reason,
    requestedBy: by.delegatedBy ?? by.id,
    requestedAt: now,
    expiresAt: millis(now + ask.forMs),
    maxUses: ask.maxUses,
  };
}

/** A second person says yes. Throws OVERRIDE_STATE unless it waits for that; policy refuses the one who asked, and agents. */
export async function approveOverride(house: House, override: Override, by: Principal): Promise<Override> {
  const tenant = await getTenant(house, override.tenant);
  await perform(house, requestTo(override, 'override.approve', by, tenant), async (tx) => {
    const at = house.clock.now();
    if (!(await markApproved(tx, { tenant: tenant.id, id: override.id, by: by.id, at }))) throw notSo(house, override);
    const data = { override: override.id };
    await appendEvent(tx, at, { type: 'override.approved', tenant: tenant.id, by: by.id, data });
  });
  return getOverride(house, override.id);
}

/** Ends it at once; uses that were made stay on record. */
export async function revokeOverride(house: House, override: Override, by: Principal): Promise<Override> {
  const tenant = await getTenant(house, override.tenant);
  await perform(house, requestTo(override, 'override.revoke', by, tenant), async (tx) => {
    const at = house.clock.now();
    if (!(await markRevoked(tx, { tenant: tenant.id, id: override.id, by: by.id, at }))) throw notSo(house, override);
    const data = { override: override.id };
    await appendEvent(tx, at, { type: 'override.revoked', tenant: tenant.id, by: by.id, data });
  });
  return getOverride(house, override.id);
}

function notSo(house: House, override: Override): AppError {
  const state = overrideState(override, house.clock.now());
  return new AppError('OVERRIDE_STATE', `override ${override.id} is ${state}`, { details: { state } });
}

function requestTo(override: OverrideRequest, name: ActionName, by: Principal, tenant: Tenant): Request {
  const attributes = { author: override.requestedBy, action: override.action, codes: override.codes };
  return { name, principal: by, tenant, resource: { kind: 'override', id: override.id, attributes } };
}

/** Of whichever tenant. Throws OVERRIDE_UNKNOWN. */
export async function getOverride(house: House, id: string): Promise<Override> {
  for (const { id: tenant } of await listTenants(house.store.truth)) {
    // The cast is true as a question: an id that no override has finds nothing.
    const [override] = await listOverrides(house.store.truth, tenant, { id: id as OverrideId });
    if (override !== undefined) return override;
  }
  throw new AppError('OVERRIDE_UNKNOWN', `there is no override "${id}"`, { details: { id } });
}

/** Those of one tenant, or of all. */
export async function allOverrides(house: House, tenant?: Tenant): Promise<readonly Override[]> {
  const tenants = tenant === undefined ? await listTenants(house.store.truth) : [tenant];
  const lists = await Promise.all(tenants.map(({ id }) => listOverrides(house.store.truth, id)));
  return lists.flat();
}

function scopeDocument({ repo, task, paths }: OverrideScope): { readonly [name: string]: Json } {
  return { repo: repo ?? null, task: task ?? null, paths: paths ?? null };
}

/** For programs: with its state now. */
export function overrideDocument(house: Pick<House, 'clock'>, override: Override): { readonly [name: string]: Json } {
  const { id, tenant, action, codes, scope, reason, requestedBy, requestedAt, expiresAt, maxUses, uses } = override;
  return {
    id,
    tenant,
    state: overrideState(override, house.clock.now()),
    action,
    codes,
    scope: scopeDocument(scope),
    reason,
    requester: requestedBy,
    requestedAt: isoTime(requestedAt),
    approver: override.approvedBy ?? null,
    approvedAt: override.approvedAt === undefined ? null : isoTime(override.approvedAt),
    revokedBy: override.revokedBy ?? null,
    expiresAt: isoTime(expiresAt),
    uses,
    maxUses,
  };
}
