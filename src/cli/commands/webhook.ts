import { buildCommand, buildRouteMap } from '@stricli/core';
import { type EventType, EVENT_TYPES } from '#domain/event.ts';
import { openHouse } from '#app/open.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { createWebhook, removeWebhook, testWebhook, type WebhookDocument, webhooksIn } from '#app/webhooks/webhooks.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface TenantFlags extends CommonFlags {
  readonly tenant: string;
}

const TENANT = {
  ...COMMON_FLAGS,
  tenant: { kind: 'parsed', parse: String, brief: 'Tenant', placeholder: 'T' },
} as const;

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the webhook', parse: String, placeholder: 'ID' }] } as const;

const jsonOf = (webhook: WebhookDocument) => ({ ...webhook, types: [...webhook.types] });

function linesOf(webhooks: readonly WebhookDocument[]): string {
  if (webhooks.length === 0) return 'No webhooks. Add one: maestro webhook add --help';
  const rows = webhooks.map(({ id, url, types, stoppedAt }) => [
    id,
    url,
    types.join(', ') || 'every event',
    stoppedAt === null ? '' : 'given up: it failed for too long',
  ]);
  return table([['WEBHOOK', 'ADDRESS', 'EVENTS', ''], ...rows]);
}

const add = buildCommand<TenantFlags & { type?: readonly EventType[] }, [url: string], Shell>({
  docs: docs(
    'Tell the events of a tenant to an address, signed; the secret is shown once',
    'maestro webhook add --tenant atlas --type change.asked https://hooks.example.org/maestro',
    'Each message is tried for about a day, ever less often, while `maestro up` runs.',
  ),
  parameters: {
    flags: {
      ...TENANT,
      type: { kind: 'enum', values: EVENT_TYPES, brief: 'Only events of this type', variadic: true, optional: true },
    },
    positional: { kind: 'tuple', parameters: [{ brief: 'https address', parse: String, placeholder: 'URL' }] },
  },
  func: command(async ({ io }: Call, flags: TenantFlags & { type?: readonly EventType[] }, url: string) => {
    await using house = await openHouse(flags);
    const asked = { url, types: flags.type ?? [], by: me(house) };
    const { webhook, secret } = await createWebhook(house, await getTenant(house, flags.tenant), asked);
    tell(io, { ...jsonOf(webhook), secret }, () => `${linesOf([webhook])}\nsecret, shown this once: ${secret}`);
    return EXIT.done;
  }),
});

const list = buildCommand<TenantFlags, [], Shell>({
  docs: docs('List the webhooks of a tenant', 'maestro webhook list --tenant atlas'),
  parameters: { flags: TENANT },
  func: command(async ({ io }: Call, flags: TenantFlags) => {
    await using house = await openHouse(flags);
    const webhooks = await webhooksIn(house, await getTenant(house, flags.tenant));
    tell(io, webhooks.map(jsonOf), () => linesOf(webhooks));
    return EXIT.done;
  }),
});

function deed(brief: string, verb: 'remove' | 'test', act: typeof removeWebhook, said: string) {
  return buildCommand<TenantFlags, [id: string], Shell>({
    docs: docs(brief, `maestro webhook ${verb} --tenant atlas hook_01`),
    parameters: { flags: TENANT, positional: ID },
    func: command(async ({ io }: Call, flags: TenantFlags, id: string) => {
      await using house = await openHouse(flags);
      const webhook = await act(house, await getTenant(house, flags.tenant), id, me(house));
      tell(io, jsonOf(webhook), () => `webhook ${webhook.id}: ${said}`);
      return EXIT.done;
    }),
  });
}

export const webhookRoutes = buildRouteMap({
  docs: { brief: 'Events told to other systems, signed' },
  routes: {
    add,
    list,
    remove: deed('Tell an address no more', 'remove', removeWebhook, 'removed'),
    test: deed('Send a test message now', 'test', testWebhook, 'told'),
  },
});
