import type { FastifyRequest } from 'fastify';
import { type Caller, callerOfKey, callerOfSession } from '#app/access/caller.ts';
import { callerOfToken } from '#app/access/provider.ts';
import type { House } from '#app/house.ts';
import type { Principal } from '#domain/action.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { TenantId } from '#domain/ids.ts';
import { ROLE_ACTIONS } from '#domain/role.ts';
import { ApiError } from '#api/index.ts';

/** Name of the cookie of a signed-in browser. */
export const SESSION_COOKIE = 'maestro_session';

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Who asks: by a key or a provider's token, else by the session of a browser. Throws ORIGIN_FOREIGN for a session that another site uses. */
export async function callerOf(house: House, request: FastifyRequest): Promise<Caller | undefined> {
  const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer' && token !== '') {
    return token.startsWith('maestro_') ? callerOfKey(house, token) : callerOfToken(house, token);
  }
  const session = cookie(request, SESSION_COOKIE);
  if (session === undefined) return undefined;
  const caller = await callerOfSession(house, session);
  if (caller !== undefined && !SAFE.includes(request.method)) requireOwnOrigin(request);
  return caller;
}

/** The tenants that somebody may look at; undefined for every one. */
export function tenantsOf(principal: Principal | undefined): readonly TenantId[] | undefined {
  const grants = (principal?.grants ?? []).filter(({ role }) => ROLE_ACTIONS[role].includes('tenant.read'));
  if (grants.some(({ tenant }) => tenant === EVERYWHERE)) return undefined;
  return [...new Set(grants.flatMap(({ tenant }) => (tenant === EVERYWHERE ? [] : [tenant])))];
}

/** A browser says where a request comes from; with a session it must be from here, since cookies are sent along unasked. */
export function requireOwnOrigin({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  const own = site === undefined ? hostOf(headers.origin) === headers.host : site === 'same-origin';
  if (!own) throw new ApiError('ORIGIN_FOREIGN', 'a session may only be used from the pages of this server');
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}

export function cookie({ headers }: FastifyRequest, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('=', 2));
  return pairs.find(([key]) => key === name)?.[1];
}
