import { buildCommand, buildRouteMap } from '@stricli/core';
import { allKeys, issueKey, revokeKey } from '#app/gateway/keys.ts';
import { type ModelFor, modelsOf } from '#app/gateway/models-for.ts';
import { reconcileFile } from '#app/gateway/reconcile.ts';
import { signPrices } from '#app/gateway/sign-prices.ts';
import { gatewayStats } from '#app/gateway/stats.ts';
import { openHouse } from '#app/open.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { millis } from '#kernel/clock.ts';
import { formatUsd, nanoUsd, usd } from '#kernel/money.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { untilAborted } from '../until-aborted.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface ServeFlags extends CommonFlags {
  readonly port?: number;
  readonly host?: string;
}

const serve = buildCommand<ServeFlags, [], Shell>({
  docs: docs('Serve the model gateway alone, until stopped', 'maestro gateway serve --port 4520'),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      port: { kind: 'parsed', parse: Number, brief: 'Port; 0 takes a free one', optional: true, placeholder: 'N' },
      host: { kind: 'parsed', parse: String, brief: 'Address to listen on', optional: true, placeholder: '127.0.0.1' },
    },
  },
  func: command(async ({ io, signal }: Call, flags: ServeFlags) => {
    await using house = await openHouse(flags);
    const { serveGateway } = await import('#server/gateway/serve.ts'); // other commands start without the server
    const open = await house.openGateway();
    await open.start();
    await using server = await serveGateway(open, { host: flags.host ?? house.http.host, port: flags.port ?? 0 });
    io.out(`${JSON.stringify({ ready: true, url: server.url })}\n`);
    await open.run(signal);
    return EXIT.done;
  }),
});

const TENANT = { kind: 'parsed', parse: String, brief: 'Tenant', placeholder: 'T' } as const;

interface AddFlags extends CommonFlags {
  readonly tenant: string;
  readonly model?: readonly string[];
  readonly maxUsd?: number;
  readonly hours?: number;
}

const add = buildCommand<AddFlags, [], Shell>({
  docs: docs(
    'Make a key with which a tenant calls models; it is shown once',
    'maestro gateway key add --tenant atlas --max-usd 5',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: TENANT,
      model: {
        kind: 'parsed',
        parse: String,
        brief: 'Model it is for; all when not given',
        optional: true,
        variadic: true,
        placeholder: 'M',
      },
      maxUsd: {
        kind: 'parsed',
        parse: Number,
        brief: 'Most that may be spent with it',
        optional: true,
        placeholder: 'X',
      },
      hours: { kind: 'parsed', parse: Number, brief: 'How long it lives', optional: true, placeholder: 'H' },
    },
  },
  func: command(async ({ io }: Call, flags: AddFlags) => {
    await using house = await openHouse(flags);
    const lifeMs = flags.hours === undefined ? house.keyLifeMs : flags.hours * 3_600_000;
    const request = {
      models: flags.model ?? [],
      capNano: flags.maxUsd === undefined ? null : usd(flags.maxUsd),
      priority: 'lo',
      expiresAt: millis(house.clock.now() + lifeMs),
    } as const;
    const { key, token } = await issueKey(house, await getTenant(house, flags.tenant), request, me(house));
    tell(
      io,
      { id: key.id, token, expiresAt: key.expiresAt },
      () => `${token}\nKeep it: it is not shown again. Its id is ${key.id}`,
    );
    return EXIT.done;
  }),
});

const list = buildCommand<CommonFlags & { tenant: string }, [], Shell>({
  docs: docs('List the model keys of a tenant', 'maestro gateway key list --tenant atlas'),
  parameters: { flags: { ...COMMON_FLAGS, tenant: TENANT } },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string }) => {
    await using house = await openHouse(flags);
    const keys = (await allKeys(house, await getTenant(house, flags.tenant))).map((key) => ({
      id: key.id,
      principal: key.principal,
      run: key.run ?? null,
      models: key.models,
      expiresAt: key.expiresAt,
      revokedAt: key.revokedAt ?? null,
    }));
    tell(io, keys, () => {
      const rows = keys.map((key) => [key.id, key.principal, key.run ?? '', key.revokedAt === null ? '' : 'revoked']);
      return table([['ID', 'FOR', 'RUN', 'STATE'], ...rows]);
    });
    return EXIT.done;
  }),
});

const revoke = buildCommand<CommonFlags & { tenant: string }, [string], Shell>({
  docs: docs('End a model key within a second', 'maestro gateway key revoke --tenant atlas key_06f7example'),
  parameters: {
    flags: { ...COMMON_FLAGS, tenant: TENANT },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Id of the key', placeholder: 'ID' }] },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string }, id: string) => {
    await using house = await openHouse(flags);
    const revoked = await revokeKey(house, await getTenant(house, flags.tenant), id, me(house));
    tell(io, { id, revoked }, () => (revoked ? `${id} is revoked` : `there is no living key ${id}`));
    return revoked ? EXIT.done : EXIT.bad;
  }),
});

interface DoubleFlags extends CommonFlags {
  readonly port: number;
  readonly script?: string;
  readonly prices?: string;
  readonly invoice?: string;
}

const file = (brief: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, placeholder: 'FILE' }) as const;

const double = buildCommand<DoubleFlags, [], Shell>({
  docs: docs(
    'Serve a double of model providers for tests and offline play, until stopped',
    'maestro gateway double --port 4521',
    'It is no model: every answer says so.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      port: { kind: 'parsed', parse: Number, brief: 'Port; 0 takes a free one', default: '0', placeholder: 'N' },
      script: file('What it says, turn by turn (JSON)'),
      prices: file('What it bills, by model (JSON)'),
      invoice: file('Where it writes its invoice'),
    },
  },
  func: command(async ({ io, signal }: Call, flags: DoubleFlags) => {
    const { openDouble } = await import('#app/gateway/double.ts'); // for tests and play only
    await using served = await openDouble(flags);
    io.out(`${JSON.stringify({ ready: true, url: served.url, double: 'this is a double, no provider' })}\n`);
    await untilAborted(signal);
    return EXIT.done;
  }),
});

const reconcileCommand = buildCommand<CommonFlags & { invoice: string; complete: boolean }, [], Shell>({
  docs: docs(
    'Bring calls whose cost was unknown down to what the provider billed',
    'maestro gateway reconcile --invoice invoice.jsonl',
    'The file has a JSON line {"call", "nano"} for each call; the id of a call is what its provider got as x-client-request-id.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      invoice: { kind: 'parsed', parse: String, brief: 'Invoice', placeholder: 'FILE' },
      complete: {
        kind: 'boolean',
        brief: 'The invoice has every call until now: what it lacks was not billed',
        default: false,
        withNegated: false,
      },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { invoice: string; complete: boolean }) => {
    await using house = await openHouse(flags);
    const done = await reconcileFile(house, { path: flags.invoice, complete: flags.complete });
    tell(
      io,
      done,
      () => `${done.corrected} of ${done.lines} calls corrected, ${formatUsd(nanoUsd(done.returnedNano))} returned`,
    );
    return EXIT.done;
  }),
});

const signPricesCommand = buildCommand<CommonFlags & { prices: string; key: string; out: string }, [], Shell>({
  docs: docs(
    'Sign a price file, so that gateways take it as gateway.priceSheet',
    'maestro gateway sign-prices --prices prices.yaml --key price-key.private.pem --out price-sheet.json',
    'A line `validUntil: 2027-01-01T00:00:00Z` in the file bounds how long the sheet is good.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      prices: { kind: 'parsed', parse: String, brief: 'Price file', placeholder: 'FILE' },
      key: { kind: 'parsed', parse: String, brief: 'Private key (PEM)', placeholder: 'FILE' },
      out: { kind: 'parsed', parse: String, brief: 'Where the signed sheet is written', placeholder: 'FILE' },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { prices: string; key: string; out: string }) => {
    await signPrices(flags);
    tell(io, { out: flags.out }, () => `${flags.out} is signed; gateways want its public key as gateway.priceKey`);
    return EXIT.done;
  }),
});

const stats = buildCommand<CommonFlags & { tenant?: string }, [], Shell>({
  docs: docs('Show calls, dollars, what caches saved and who waits for a provider', 'maestro gateway stats'),
  parameters: { flags: { ...COMMON_FLAGS, tenant: { ...TENANT, optional: true } } },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant?: string }) => {
    await using house = await openHouse(flags);
    const figures = await gatewayStats(
      house,
      flags.tenant === undefined ? undefined : (await getTenant(house, flags.tenant)).id,
    );
    tell(io, figures, () => {
      const percent = (share: number | null): string => (share === null ? 'none yet' : `${(share * 100).toFixed(1)} %`);
      const rows = figures.models.map((row) => [
        row.provider,
        row.model,
        `${row.calls}`,
        `$${row.costUsd.toFixed(4)}`,
        `${row.inputTokens}`,
        `${row.outputTokens}`,
      ]);
      return [
        table([['PROVIDER', 'MODEL', 'CALLS', 'COST', 'TOKENS IN', 'OUT'], ...rows]),
        `exact answers given again: ${percent(figures.exact.share)}, saved $${figures.exact.savedUsd.toFixed(4)}`,
        `prompt tokens from the providers' caches: ${percent(figures.prefix.share)}, saved $${figures.prefix.savedUsd.toFixed(4)}`,
        ...figures.waiting.map(
          ({ provider, tenant, calls, longestMs }) =>
            `${calls} calls of ${tenant} wait for the limits of ${provider}, the longest for ${(longestMs / 1000).toFixed(1)} s`,
        ),
      ].join('\n');
    });
    return EXIT.done;
  }),
});

const models = buildCommand<CommonFlags & { tenant: string }, [], Shell>({
  docs: docs(
    'List the models of the gateway file: price, place on the ladder, and whether a tenant may use them',
    'maestro gateway models --tenant atlas',
    'A task begins with one of them by `maestro submit --model NAME`.',
  ),
  parameters: { flags: { ...COMMON_FLAGS, tenant: TENANT } },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string }) => {
    await using house = await openHouse(flags);
    const rows = await modelsOf(house, await getTenant(house, flags.tenant), me(house).id);
    tell(io, rows, () => {
      if (rows.length === 0) return 'No models: there is no gateway file. See docs/concepts/gateway.md';
      const dollars = (usd: number | null): string => (usd === null ? 'unknown' : `$${usd}`);
      const lines = rows.map((row) => [
        row.model,
        row.provider,
        row.region,
        row.dataClass,
        `${dollars(row.inputUsd)} in, ${dollars(row.outputUsd)} out`,
        row.rung === null ? '' : `${row.rung}`,
        whyNot(row),
      ]);
      return table([['MODEL', 'PROVIDER', 'REGION', 'CLEARED FOR', 'MILLION TOKENS', 'RUNG', 'MAY USE'], ...lines]);
    });
    return EXIT.done;
  }),
});

function whyNot({ usable, reasons }: ModelFor): string {
  if (usable) return 'yes';
  return `no: ${reasons.length === 0 ? 'PRICE_UNKNOWN' : reasons.map(({ code }) => code).join(', ')}`;
}

export const gatewayRoutes = buildRouteMap({
  docs: { brief: 'The model gateway: serve it, and its keys' },
  defaultCommand: 'serve',
  routes: {
    serve,
    double,
    stats,
    models,
    reconcile: reconcileCommand,
    signPrices: signPricesCommand,
    key: buildRouteMap({ docs: { brief: 'Keys with which tenants call models' }, routes: { add, list, revoke } }),
  },
});
