import { createWebhook, removeWebhook, testWebhook, webhooksIn } from '#app/webhooks/webhooks.ts';
import type { WebhookRoute } from '#api/index.ts';
import type { Handlers } from '../call.ts';

/** Events told to other systems. */
export const WEBHOOKS: Handlers<WebhookRoute> = {
  listWebhooks: async ({ house, tenant }) => ({ items: await webhooksIn(house, tenant) }),
  addWebhook: ({ house, tenant, body, caller }) => createWebhook(house, tenant, { ...body, by: caller.principal }),
  testWebhook: ({ house, tenant, params, caller }) => testWebhook(house, tenant, params.webhook, caller.principal),
  removeWebhook: ({ house, tenant, params, caller }) => removeWebhook(house, tenant, params.webhook, caller.principal),
};
