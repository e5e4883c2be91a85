import {
  addWebhook,
  appendEvent,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  readEvents,
  updateWebhookAfter,
  updateWebhookStopped,
  type WebhookRecord,
} from '#adapters/sql/index.ts';
import type { Json } from '#kernel/json.ts';
import type { Principal } from '#domain/action.ts';
import type { EventType } from '#domain/event.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { DueMessage } from '#journal/ports.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform, permit, type Request } from '../perform.ts';

const BATCH = 100;
/** Attempts with pauses up to five minutes: about a day. */
const MOST_ATTEMPTS = 300;

/** A webhook for programs. */
export type WebhookDocument = {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly stoppedAt: number | null;
};

function webhookDocument(webhook: WebhookRecord): WebhookDocument {
  const { id, tenant, url, types, createdAt, createdBy, stoppedAt = null } = webhook;
  return { id, tenant, url, types, createdAt, createdBy, stoppedAt };
}

/** What receivers check signatures with. It is made from a key of the data directory, so nothing that is kept gives it away. */
function secretOf(house: House, id: string): string {
  return `whsec_${Buffer.from(house.secretHash(`webhook ${id}`), 'hex').toString('base64')}`;
}

/** Tells the tenant's events from now on to an address. The secret is told this once. */
export async function createWebhook(
  house: House,
  tenant: Tenant,
  asked: { readonly url: string; readonly types: readonly EventType[]; readonly by: Principal },
): Promise<{ readonly webhook: WebhookDocument; readonly secret: string }> {
  const { url, types, by } = asked;
  house.webhooks.requireAddress(url);
  const at = house.clock.now();
  const webhook = { id: house.ids.next('hook'), tenant: tenant.id, url, types, createdAt: at, createdBy: by.id };
  await perform(house, requestTo('webhook.add', tenant, webhook.id, by), async (tx) => {
    await addWebhook(tx, webhook);
    const data = { webhook: webhook.id, host: new URL(url).host, types };
    await appendEvent(tx, at, { type: 'webhook.added', tenant: tenant.id, by: by.id, data });
  });
  return { webhook: webhookDocument({ ...webhook, after: 0 }), secret: secretOf(house, webhook.id) };
}

/** Ends it; what waits to be told is dropped. */
export async function removeWebhook(house: House, tenant: Tenant, id: string, by: Principal): Promise<WebhookDocument> {
  const webhook = await getWebhook(house, tenant, id);
  return perform(house, requestTo('webhook.remove', tenant, id, by), async (tx) => {
    await deleteWebhook(tx, id);
    const data = { webhook: id };
    await appendEvent(tx, house.clock.now(), { type: 'webhook.removed', tenant: tenant.id, by: by.id, data });
    return webhookDocument(webhook);
  });
}

/** Sends a test message now. Throws WEBHOOK_FAILED. */
export async function testWebhook(house: House, tenant: Tenant, id: string, by: Principal): Promise<WebhookDocument> {
  const webhook = await getWebhook(house, tenant, id);
  await permit(house, requestTo('webhook.test', tenant, id, by), () =>
    send(
      house,
      webhook,
      house.ids.next('msg'),
      { type: 'webhook.test', tenant: tenant.id },
      AbortSignal.timeout(10_000),
    ),
  );
  return webhookDocument(webhook);
}

/** Webhooks of a tenant, oldest first. */
export async function webhooksIn(house: House, tenant: Tenant): Promise<readonly WebhookDocument[]> {
  return (await listWebhooks(house.store.truth, tenant.id)).map(webhookDocument);
}

/** Hands new events to the outbox, for each webhook in their order; gives how many. */
export async function handOnEvents(house: House): Promise<number> {
  let handed = 0;
  for (const { id } of await listWebhooks(house.store.truth)) {
    handed += await house.store.truth.tx(async (tx) => {
      const webhook = await findWebhook(tx, id);
      if (webhook === undefined) return 0;
      const events = await readEvents(tx, webhook.tenant, { after: webhook.after, limit: BATCH });
      const last = events.at(-1);
      if (last === undefined || !(await updateWebhookAfter(tx, id, webhook.after, last.seq))) return 0;
      const wanted = events.filter(({ type }) => webhook.types.length === 0 || webhook.types.includes(type));
      for (const event of wanted) {
        // The cast is true: an event is JSON.
        const payload = { webhook: id, event: event as unknown as Json };
        await house.webhooks.outbox.put(tx, {
          tenant: webhook.tenant,
          kind: 'webhook',
          key: `${id}/${event.seq}`,
          payload,
        });
      }
      return wanted.length;
    });
  }
  return handed;
}

/** Tells one message of the outbox. One whose webhook is gone or was given up is done with. */
export async function tellWebhook(house: House, message: DueMessage, signal: AbortSignal): Promise<void> {
  // The cast is true: `handOnEvents` made it.
  const { webhook: id, event } = message.payload as { readonly webhook: string; readonly event: Json };
  const webhook = await findWebhook(house.store.truth, id);
  if (webhook === undefined || webhook.stoppedAt !== undefined) return;
  try {
    await send(house, webhook, message.key.replace('/', '_'), event, signal);
  } catch (error) {
    if (message.attempts < MOST_ATTEMPTS) throw error;
    const at = house.clock.now();
    await house.store.truth.tx(async (tx) => {
      await updateWebhookStopped(tx, id, at);
      const about = { tenant: webhook.tenant, by: house.system, data: { webhook: id, why: String(error) } };
      await appendEvent(tx, at, { type: 'webhook.stopped', ...about });
    });
  }
}

async function send(
  house: House,
  { id, url }: WebhookRecord,
  message: string,
  event: Json,
  signal: AbortSignal,
): Promise<void> {
  const delivery = {
    url,
    id: message,
    at: house.clock.now(),
    body: JSON.stringify(event),
    secret: secretOf(house, id),
  };
  await house.webhooks.deliver(delivery, signal);
}

async function getWebhook(house: House, tenant: Tenant, id: string): Promise<WebhookRecord> {
  const webhook = await findWebhook(house.store.truth, id);
  if (webhook?.tenant === tenant.id) return webhook;
  throw new AppError('WEBHOOK_UNKNOWN', `there is no webhook "${id}"`);
}

function requestTo(name: Request['name'], tenant: Tenant, id: string, principal: Principal): Request {
  return { name, principal, tenant, resource: { kind: 'webhook', id, attributes: {} } };
}
