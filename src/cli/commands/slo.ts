import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration } from '#kernel/duration.ts';
import { openHouse } from '#app/open.ts';
import { type SloDocument, sloStatus } from '#app/qos/slo-view.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { lastDecisions } from '#app/views/decisions.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { decisionLines } from '../decision-lines.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';

function linesOf(rows: readonly SloDocument[]): string {
  if (rows.length === 0) return 'No tenants yet. Add one: maestro tenant add ID --weight 1 --budget-usd 10';
  const rate = (row: SloDocument, rule: string): string => {
    const burn = row.burn[rule];
    return burn === undefined ? '-' : `${burn.long.toFixed(1)} / ${burn.short.toFixed(1)}`;
  };
  const lines = rows.map((row) => [
    row.tenant,
    row.class,
    `${row.target * 100} % within ${formatDuration(row.startWithinMs)}`,
    rate(row, 'burn-1h'),
    rate(row, 'burn-6h'),
    rate(row, 'burn-24h'),
    `${Math.round(row.budgetLeft * 100)} %`,
    row.firing.join(', ') || '-',
    row.throttles.map(({ measure, value }) => (measure === 'throttle' ? `${measure} ${value}` : measure)).join(', ') ||
      '-',
  ]);
  const head = ['TENANT', 'CLASS', 'OBJECTIVE', 'BURN 1H/5M', '6H/30M', '24H/2H', 'BUDGET LEFT', 'FIRING', 'IN FORCE'];
  return table([head, ...lines]);
}

const status = buildCommand<CommonFlags & { tenant?: string }, [], Shell>({
  docs: docs(
    'Show each objective, how fast its error budget burns, and what the system does about it',
    'maestro slo status',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Only this tenant', optional: true, placeholder: 'T' },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant?: string }) => {
    await using house = await openHouse(flags);
    const rows = (await sloStatus(house)).filter(({ tenant }) => (flags.tenant ?? tenant) === tenant);
    tell(io, rows, () => linesOf(rows));
    return EXIT.done;
  }),
});

interface DecisionsFlags extends CommonFlags {
  readonly tenant?: string;
  readonly limit: number;
}

const decisions = buildCommand<DecisionsFlags, [], Shell>({
  docs: docs(
    'Show what the system did last by itself: downshifts, deferrals, preemptions, throttles, each with its card',
    'maestro slo decisions --tenant atlas',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Only this tenant', optional: true, placeholder: 'T' },
      limit: { kind: 'parsed', parse: Number, brief: 'At most so many, newest first', default: '20', placeholder: 'N' },
    },
  },
  func: command(async ({ io }: Call, flags: DecisionsFlags) => {
    await using house = await openHouse(flags);
    const of = flags.tenant === undefined ? {} : { of: [(await getTenant(house, flags.tenant)).id] };
    const found = await lastDecisions(house, { ...of, limit: flags.limit });
    tell(io, { decisions: found }, () => found.map(decisionLines).join('\n\n') || 'Nothing was decided yet.');
    return EXIT.done;
  }),
});

export const sloRoutes = buildRouteMap({
  docs: { brief: 'Objectives: starts in time, error budgets, what is throttled' },
  routes: { status, decisions },
});
