import { z } from 'zod';
import { EVENT_TYPES } from '#domain/event.ts';
import { route } from '../route.ts';
import { inTenant, name, tenantId, webhook } from '../schemas.ts';

const ofWebhook = z.strictObject({ tenant: tenantId, webhook: name });

/** Events told to other systems. */
export const WEBHOOK_ROUTES = {
  listWebhooks: route({
    method: 'GET',
    path: '/tenants/{tenant}/webhooks',
    group: 'Webhooks',
    summary: 'List the webhooks of a tenant',
    action: 'access.read',
    params: inTenant,
    answer: z.object({ items: z.array(webhook) }),
  }),
  addWebhook: route({
    method: 'POST',
    path: '/tenants/{tenant}/webhooks',
    group: 'Webhooks',
    summary: 'Tell the events of a tenant to an address, signed (Standard Webhooks); the secret is told this once',
    action: 'webhook.add',
    params: inTenant,
    body: z.strictObject({
      url: z.string().min(1).max(2000),
      types: z.array(z.enum(EVENT_TYPES)).max(100).default([]),
    }),
    answer: z.object({ webhook, secret: z.string() }),
    status: 201,
    secret: true,
  }),
  testWebhook: route({
    method: 'POST',
    path: '/tenants/{tenant}/webhooks/{webhook}/test',
    group: 'Webhooks',
    summary: 'Send a test message now',
    action: 'webhook.test',
    params: ofWebhook,
    answer: webhook,
  }),
  removeWebhook: route({
    method: 'DELETE',
    path: '/tenants/{tenant}/webhooks/{webhook}',
    group: 'Webhooks',
    summary: 'Tell an address no more',
    action: 'webhook.remove',
    params: ofWebhook,
    answer: webhook,
  }),
};
