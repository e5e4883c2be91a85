import { buildCommand, buildRouteMap } from '@stricli/core';
import { toUsd, usd } from '#kernel/money.ts';
import { BUDGET_PERIODS, type BudgetPeriod } from '#domain/tenant.ts';
import { type BudgetDocument, budgets, setScopeBudget, topUpScope } from '#app/tenants/budgets.ts';
import { AppError } from '#app/fault.ts';
import { type House, openHouse } from '#app/open.ts';
import { getTenant, topUp } from '#app/tenants/tenants.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type Io, table, tell } from '../io.ts';
import { me } from '../me.ts';

const SCOPE = {
  kind: 'parsed',
  parse: String,
  brief: 'org, team:NAME or tenant:ID',
  optional: true,
  placeholder: 'SCOPE',
} as const;

function linesOf(scopes: readonly BudgetDocument[]): string {
  const dollars = (value: number | null): string => (value === null ? 'no cap' : `$${value.toFixed(4)}`);
  const rows = scopes.map((row) => [
    row.scope,
    dollars(row.capUsd),
    dollars(row.spentUsd),
    dollars(row.heldUsd),
    dollars(row.keptForHiUsd),
    row.pace === null ? '-' : row.pace.toFixed(2),
    row.periodEndsAt === null ? '-' : new Date(row.periodEndsAt).toISOString().slice(0, 16),
  ]);
  return table([['SCOPE', 'CAP', 'SPENT', 'HELD', 'FOR HI', 'PACE', 'PERIOD ENDS (UTC)'], ...rows]);
}

const show = buildCommand<CommonFlags & { scope?: string }, [], Shell>({
  docs: docs('Show cap, spent and held of each scope', 'maestro budget show --scope tenant:atlas'),
  parameters: { flags: { ...COMMON_FLAGS, scope: SCOPE } },
  func: command(async ({ io }: Call, flags: CommonFlags & { scope?: string }) => {
    await using house = await openHouse(flags);
    await tellScopes(io, house, flags.scope);
    return EXIT.done;
  }),
});

async function tellScopes(io: Io, house: House, scope?: string): Promise<void> {
  const scopes = (await budgets(house)).filter((row) => scope === undefined || row.scope === scope);
  if (scope !== undefined && scopes.length === 0) throw new AppError('NO_SUCH_SCOPE', `there is no scope "${scope}"`);
  tell(io, scopes, () => linesOf(scopes));
}

interface TopUpFlags extends CommonFlags {
  readonly scope?: string;
  readonly tenant?: string;
  readonly usd: number;
}

const topUpCommand = buildCommand<TopUpFlags, [], Shell>({
  docs: docs('Raise the cap of a scope; deferred work goes on', 'maestro budget top-up --scope tenant:atlas --usd 5'),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      scope: SCOPE,
      tenant: {
        kind: 'parsed',
        parse: String,
        brief: 'The same as --scope tenant:T',
        optional: true,
        placeholder: 'T',
      },
      usd: { kind: 'parsed', parse: amount, brief: 'Dollars to add', placeholder: 'X' },
    },
  },
  func: command(async ({ io }: Call, flags: TopUpFlags) => {
    await using house = await openHouse(flags);
    const scope = flags.scope ?? `tenant:${flags.tenant ?? ''}`;
    if (!scope.startsWith('tenant:')) {
      await topUpScope(house, scope, usd(flags.usd), me(house));
      await tellScopes(io, house, scope);
      return EXIT.done;
    }
    const tenant = await topUp(house, await getTenant(house, scope.slice('tenant:'.length)), usd(flags.usd), me(house));
    const document = { scope, tenant: tenant.id, capUsd: toUsd(tenant.budgetNano) };
    tell(io, document, () => `The cap of ${tenant.id} is now $${document.capUsd} a ${tenant.budgetPeriod}`);
    return EXIT.done;
  }),
});

/** Dollars above zero: money is taken back by a lower cap, not by a negative top-up. */
function amount(text: string): number {
  const dollars = Number(text);
  if (!(dollars > 0 && dollars <= 1e6)) throw new Error('an amount above 0, at most 1000000');
  return dollars;
}

interface SetFlags extends CommonFlags {
  readonly scope: string;
  readonly usd?: number;
  readonly period?: BudgetPeriod;
}

const setCommand = buildCommand<SetFlags, [], Shell>({
  docs: docs(
    'Give the company or a team a cap; without --usd it has none',
    'maestro budget set --scope org --usd 2000 --period month',
    "A tenant's cap is set with tenant set --budget-usd.",
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      scope: { ...SCOPE, brief: 'org or team:NAME', optional: false },
      usd: { kind: 'parsed', parse: amount, brief: 'Most for one period', optional: true, placeholder: 'X' },
      period: { kind: 'enum', values: BUDGET_PERIODS, brief: 'Period of the budget', optional: true },
    },
  },
  func: command(async ({ io }: Call, flags: SetFlags) => {
    await using house = await openHouse(flags);
    const capNano = flags.usd === undefined ? null : usd(flags.usd);
    await setScopeBudget(house, flags.scope, { capNano, period: flags.period ?? 'month' }, me(house));
    await tellScopes(io, house, flags.scope);
    return EXIT.done;
  }),
});

export const budgetRoutes = buildRouteMap({
  docs: { brief: 'Budgets: caps of company, teams and tenants, what is spent and held' },
  routes: { show, 'top-up': topUpCommand, set: setCommand },
});
