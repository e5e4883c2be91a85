import type { FastifyRequest } from 'fastify';
import type { Caller } from '#app/access/caller.ts';
import { look } from '#app/access/look.ts';
import { platform, tenantOrPlatform } from '#app/access/platform.ts';
import { AppError } from '#app/fault.ts';
import type { House } from '#app/house.ts';
import type { ActionName } from '#domain/action.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import { grantsIn, mayIn } from '#domain/role.ts';
import type { Tenant } from '#domain/tenant.ts';
import { ApiError, type Route } from '#api/index.ts';

/** These only show; nothing behind them asks policy again. */
const READS: readonly ActionName[] = ['tenant.read', 'platform.read', 'repo.read', 'access.read'];

/**
 * Whether the caller may make this request at all, before its body is read. Reads are decided here; what changes something
 * is decided again with all its facts where it is done, so here only a role that may is asked for.
 */
export async function authorise(
  house: House,
  route: Route,
  caller: Caller | undefined,
  request: FastifyRequest,
): Promise<Tenant> {
  const { action } = route;
  if (action === 'anyone') return platform(house);
  if (caller === undefined) throw new ApiError('UNAUTHENTICATED', 'this request needs a key that is good');
  const tenant = await tenantOf(house, caller, request);
  const { principal } = caller;
  if (action === 'signed-in') return tenant;
  if (READS.includes(action) || !mayIn(principal.grants, tenant.id, action)) {
    const resource = { kind: 'request', id: `${route.method} ${route.path}`, attributes: {} };
    await look(house, { name: action, principal, tenant, resource });
  }
  return tenant;
}

/** A tenant in which the caller holds nothing is as unknown as one that is not there. */
async function tenantOf(house: House, { principal }: Caller, { params }: FastifyRequest): Promise<Tenant> {
  // The cast is true: the parameters of a path are texts by name.
  const { tenant: id } = params as { readonly tenant?: string };
  if (id === undefined) return platform(house);
  if (grantsIn(principal.grants, id).length === 0) throw noSuchTenant(id);
  return id === EVERYWHERE ? platform(house) : tenantOrPlatform(house, id);
}

function noSuchTenant(id: string): AppError {
  return new AppError('NO_SUCH_TENANT', `there is no tenant "${id}"`, { details: { id } });
}
