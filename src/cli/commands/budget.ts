import { buildCommand, buildRouteMap } from '@stricli/core';
import { toUsd, usd } from '#kernel/money.ts';
import { budgets } from '#app/budgets.ts';
import { openHouse } from '#app/open.ts';
import { getTenant, topUp } from '#app/tenants.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

const show = buildCommand<CommonFlags, [], Shell>({
  docs: docs('Show cap, spent and held of each scope', 'maestro budget show'),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const scopes = await budgets(house);
    tell(io, [...scopes], () => {
      const dollars = (value: number | null): string => (value === null ? 'no cap' : `$${value.toFixed(4)}`);
      const rows = scopes.map((row) => [row.scope, dollars(row.capUsd), dollars(row.spentUsd), dollars(row.heldUsd)]);
      return table([['SCOPE', 'CAP', 'SPENT', 'HELD'], ...rows]);
    });
    return EXIT.done;
  }),
});

const topUpCommand = buildCommand<CommonFlags & { tenant: string; usd: number }, [], Shell>({
  docs: docs('Raise the cap of a tenant; deferred work goes on', 'maestro budget top-up --tenant atlas --usd 5'),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Tenant', placeholder: 'T' },
      usd: { kind: 'parsed', parse: Number, brief: 'Dollars to add', placeholder: 'X' },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string; usd: number }) => {
    await using house = await openHouse(flags);
    const tenant = await topUp(house, await getTenant(house, flags.tenant), usd(flags.usd), me(house));
    const document = { tenant: tenant.id, capUsd: toUsd(tenant.budgetNano) };
    tell(io, document, () => `The cap of ${tenant.id} is now $${document.capUsd} a ${tenant.budgetPeriod}`);
    return EXIT.done;
  }),
});

export const budgetRoutes = buildRouteMap({
  docs: { brief: 'Budgets: caps, what is spent and held' },
  routes: { show, 'top-up': topUpCommand },
});
