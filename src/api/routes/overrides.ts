import { z } from 'zod';
import { route } from '../route.ts';
import { inTenant, name, override, tenantId, text } from '../schemas.ts';

const ofOverride = z.strictObject({ tenant: tenantId, override: name });

/** Exceptions to policy: asked for by one, approved by another. */
export const OVERRIDE_ROUTES = {
  listOverrides: route({
    method: 'GET',
    path: '/tenants/{tenant}/overrides',
    group: 'Overrides',
    summary: 'List overrides with requester, approver, scope, end and uses',
    action: 'tenant.read',
    params: inTenant,
    answer: z.object({ items: z.array(override) }),
  }),
  requestOverride: route({
    method: 'POST',
    path: '/tenants/{tenant}/overrides',
    group: 'Overrides',
    summary: 'Ask for an exception to policy; it lifts nothing until another person approves it',
    action: 'override.request',
    params: inTenant,
    body: z.strictObject({
      action: name,
      codes: z.array(name).min(1).max(50),
      reason: z.string().min(1).max(2000),
      forMs: z.number().int().min(1).max(31_536_000_000),
      maxUses: z.number().int().min(1).max(1000).default(1),
      repo: name.optional(),
      task: name.optional(),
      paths: z.array(text(500)).min(1).max(100).optional(),
    }),
    answer: override,
    status: 201,
  }),
  approveOverride: route({
    method: 'POST',
    path: '/tenants/{tenant}/overrides/{override}/approve',
    group: 'Overrides',
    summary: 'Approve an override that another person asked for',
    action: 'override.approve',
    params: ofOverride,
    answer: override,
  }),
  revokeOverride: route({
    method: 'POST',
    path: '/tenants/{tenant}/overrides/{override}/revoke',
    group: 'Overrides',
    summary: 'End an override at once; uses that were made stay on record',
    action: 'override.revoke',
    params: ofOverride,
    answer: override,
  }),
};
