import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Json } from '#kernel/json.ts';
import { toUsd, usd } from '#kernel/money.ts';
import { formatDuration, parseDuration } from '#kernel/duration.ts';
import {
  type Autonomy,
  AUTONOMY_LEVELS,
  BUDGET_PERIODS,
  type BudgetPeriod,
  DATA_CLASSES,
  type DataClass,
  type Tenant,
} from '#domain/tenant.ts';
import { tenantDocument } from '#app/views/tenant-view.ts';
import type { TenantId } from '#domain/ids.ts';
import { allTenants, changeTenant, createTenant, getTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { autonomyOf } from '#app/governance/autonomy.ts';
import { eraseTenant, finishErasure } from '#app/governance/erase.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface TenantFlags extends CommonFlags {
  readonly weight?: number;
  readonly budgetUsd?: number;
  readonly period?: BudgetPeriod;
  readonly team?: string;
  readonly slo?: number;
  readonly startWithin?: number;
  readonly region?: readonly string[];
  readonly dataClass?: DataClass;
  readonly autonomy?: Autonomy;
  readonly autonomyFor?: readonly (readonly [subject: string, level: Autonomy])[];
  readonly recipes?: readonly string[];
  readonly plugins?: readonly string[];
  readonly licences?: readonly string[];
  readonly protect?: readonly string[];
  readonly deny?: readonly string[];
}

function parseAutonomyFor(text: string): readonly [subject: string, level: Autonomy] {
  const [subject = '', word = ''] = text.split('=');
  const level = AUTONOMY_LEVELS.find((each) => each === word);
  if (level !== undefined && /^(repo|recipe|agent):./.test(subject)) return [subject, level];
  throw new Error(`${text} is not like repo:shop=propose, recipe:codemod=observe or agent:native=auto`);
}

const TENANT_FLAGS = {
  ...COMMON_FLAGS,
  weight: { kind: 'parsed', parse: Number, brief: 'Share relative to the others', optional: true, placeholder: 'W' },
  budgetUsd: { kind: 'parsed', parse: Number, brief: 'Cap for a period, in dollars', optional: true, placeholder: 'X' },
  period: { kind: 'enum', values: BUDGET_PERIODS, brief: 'Period of the budget', optional: true },
  team: { kind: 'parsed', parse: String, brief: 'Team whose cap it shares', optional: true, placeholder: 'NAME' },
  slo: {
    kind: 'parsed',
    parse: Number,
    brief: 'Part of tasks to start in time, over 7 days',
    optional: true,
    placeholder: '0.99',
  },
  startWithin: {
    kind: 'parsed',
    parse: parseDuration,
    brief: 'Time within which a task starts',
    optional: true,
    placeholder: '20s',
  },
  region: {
    kind: 'parsed',
    parse: String,
    brief: 'Region where its data may go',
    variadic: true,
    optional: true,
    placeholder: 'R',
  },
  dataClass: { kind: 'enum', values: DATA_CLASSES, brief: 'How sensitive its data is', optional: true },
  autonomy: {
    kind: 'enum',
    values: AUTONOMY_LEVELS,
    brief: 'What its tasks may do by themselves',
    optional: true,
  },
  autonomyFor: {
    kind: 'parsed',
    parse: parseAutonomyFor,
    brief: 'Lower level for one repository, recipe or agent, such as repo:shop=propose',
    variadic: true,
    optional: true,
    placeholder: 'SUBJECT=LEVEL',
  },
  recipes: {
    kind: 'parsed',
    parse: String,
    brief: 'Recipe it may use; each if none is named',
    variadic: true,
    optional: true,
    placeholder: 'NAME',
  },
  plugins: {
    kind: 'parsed',
    parse: String,
    brief: 'Plugin it may use; each if none is named',
    variadic: true,
    optional: true,
    placeholder: 'NAME',
  },
  licences: {
    kind: 'parsed',
    parse: String,
    brief: 'Licence of plugins it may use; each if none is named',
    variadic: true,
    optional: true,
    placeholder: 'SPDX',
  },
  protect: {
    kind: 'parsed',
    parse: String,
    brief: 'Glob whose change needs a person',
    variadic: true,
    optional: true,
    placeholder: 'GLOB',
  },
  deny: {
    kind: 'parsed',
    parse: String,
    brief: 'Glob that no task may touch',
    variadic: true,
    optional: true,
    placeholder: 'GLOB',
  },
} as const;

const ID = { kind: 'tuple', parameters: [{ brief: 'Name of the tenant', parse: String, placeholder: 'ID' }] } as const;

function withFlags(tenant: Omit<Tenant, 'ordinal'>, flags: TenantFlags): Omit<Tenant, 'ordinal'> {
  return {
    ...tenant,
    weight: flags.weight ?? tenant.weight,
    budgetNano: flags.budgetUsd === undefined ? tenant.budgetNano : usd(flags.budgetUsd),
    budgetPeriod: flags.period ?? tenant.budgetPeriod,
    ...(flags.team === undefined ? {} : { team: flags.team }),
    slo: flags.slo ?? tenant.slo,
    startWithinMs: flags.startWithin === undefined ? tenant.startWithinMs : parseDuration(`${flags.startWithin}ms`),
    regions: flags.region ?? tenant.regions,
    dataClass: flags.dataClass ?? tenant.dataClass,
    policy: {
      ...tenant.policy,
      ...(flags.autonomy === undefined ? {} : { autonomy: flags.autonomy }),
      ...(flags.autonomyFor === undefined ? {} : { autonomyFor: Object.fromEntries(flags.autonomyFor) }),
      ...(flags.recipes === undefined ? {} : { recipes: flags.recipes }),
      ...(flags.plugins === undefined ? {} : { plugins: flags.plugins }),
      ...(flags.licences === undefined ? {} : { licences: flags.licences }),
      ...(flags.protect === undefined ? {} : { protectedPaths: flags.protect }),
      ...(flags.deny === undefined ? {} : { deniedPaths: flags.deny }),
    },
  };
}

function linesOf(tenants: readonly Tenant[]): string {
  if (tenants.length === 0) return 'No tenants yet. Add one: maestro tenant add ID --weight 1 --budget-usd 10';
  const rows = tenants.map((tenant) => [
    tenant.id,
    String(tenant.weight),
    `$${toUsd(tenant.budgetNano)} a ${tenant.budgetPeriod}`,
    `${tenant.slo * 100} % within ${formatDuration(tenant.startWithinMs)}`,
    tenant.regions.join(', '),
    tenant.dataClass,
  ]);
  return table([['TENANT', 'WEIGHT', 'BUDGET', 'STARTS', 'REGIONS', 'DATA CLASS'], ...rows]);
}

export const tenantRoutes = buildRouteMap({
  docs: { brief: 'The teams: weights, budgets, objectives, rules' },
  routes: {
    add: buildCommand<TenantFlags, [id: string], Shell>({
      docs: docs('Add a tenant', 'maestro tenant add atlas --weight 2 --budget-usd 25'),
      parameters: { flags: TENANT_FLAGS, positional: ID },
      func: command(async ({ io }: Call, flags: TenantFlags, id: string) => {
        await using house = await openHouse(flags);
        const tenant = await createTenant(house, withFlags(tenantDefaults(house, id), flags), me(house));
        tell(io, await tenantDocument(house, tenant), () => `Tenant ${id} added.\n${linesOf([tenant])}`);
        return EXIT.done;
      }),
    }),
    set: buildCommand<TenantFlags, [id: string], Shell>({
      docs: docs('Change a tenant; what is not named stays', 'maestro tenant set atlas --weight 3'),
      parameters: { flags: TENANT_FLAGS, positional: ID },
      func: command(async ({ io }: Call, flags: TenantFlags, id: string) => {
        await using house = await openHouse(flags);
        const tenant = await changeTenant(house, id, (stands) => withFlags(stands, flags), me(house));
        tell(io, await tenantDocument(house, tenant), () => linesOf([tenant]));
        return EXIT.done;
      }),
    }),
    show: buildCommand<CommonFlags, [id: string], Shell>({
      docs: docs('Show one tenant with its budget now', 'maestro tenant show atlas'),
      parameters: { flags: COMMON_FLAGS, positional: ID },
      func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
        await using house = await openHouse(flags);
        const tenant = await getTenant(house, id);
        const document = await tenantDocument(house, tenant);
        tell(io, document, () => `${linesOf([tenant])}\n${JSON.stringify(document, null, 2)}`);
        return EXIT.done;
      }),
    }),
    list: buildCommand<CommonFlags, [], Shell>({
      docs: docs('List the tenants', 'maestro tenant list'),
      parameters: { flags: COMMON_FLAGS },
      func: command(async ({ io }: Call, flags: CommonFlags) => {
        await using house = await openHouse(flags);
        const tenants = await allTenants(house);
        const documents: Json[] = [];
        for (const tenant of tenants) documents.push(await tenantDocument(house, tenant));
        tell(io, documents, () => linesOf(tenants));
        return EXIT.done;
      }),
    }),
    autonomy: buildCommand<CommonFlags, [id: string], Shell>({
      docs: docs(
        'Show what each kind of work may do by itself, and how that was earned',
        'maestro tenant autonomy atlas',
        'Two of the last twenty changes rejected by people: each is brought before a person. Ten: none is made.',
      ),
      parameters: { flags: COMMON_FLAGS, positional: ID },
      func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
        await using house = await openHouse(flags);
        const levels = await autonomyOf(house.store.truth, await getTenant(house, id));
        const documents = levels.map(({ earned, ...level }) => ({ ...level, earned: { ...earned } }));
        tell(io, documents, () => {
          if (levels.length === 0) return 'No change was landed or rejected yet: the rules of the tenant hold.';
          const rows = levels.map(({ repo, work, level, allowed, earned }) => [
            repo,
            work,
            level,
            allowed,
            `${earned.level} (${earned.overridden} of ${earned.verdicts} rejected)`,
          ]);
          return table([['REPOSITORY', 'WORK', 'LEVEL', 'ALLOWED', 'EARNED'], ...rows]);
        });
        return EXIT.done;
      }),
    }),
    erase: buildCommand<CommonFlags & { confirm?: string }, [id: string], Shell>({
      docs: docs(
        'Erase a tenant for good: its tasks, repositories, evidence and the contents of its events',
        'maestro tenant erase atlas --confirm atlas',
        'The log stays verifiable: hashes and sums of money are what is left. The name is never given again.',
      ),
      parameters: {
        flags: {
          ...COMMON_FLAGS,
          confirm: { kind: 'parsed', parse: String, brief: 'The name once more', optional: true, placeholder: 'ID' },
        },
        positional: ID,
      },
      func: command(async ({ io }: Call, flags: CommonFlags & { confirm?: string }, id: string) => {
        await using house = await openHouse(flags);
        // The cast is true as a question: an id that no tenant had was not erased.
        if (await finishErasure(house, id as TenantId)) {
          tell(io, { tenant: id, rows: 0, events: 0, statements: 0 }, () => `Tenant ${id} was erased before.`);
          return EXIT.done;
        }
        const tenant = await getTenant(house, id);
        if (flags.confirm !== id) {
          io.err(`This cannot be undone. To erase ${id}, add: --confirm ${id}\n`);
          return EXIT.usage;
        }
        const erased = await eraseTenant(house, tenant, me(house));
        tell(io, erased, () => {
          const { rows, events, statements } = erased;
          return `Tenant ${id} is erased: ${rows} rows deleted, ${events} events and ${statements} statements emptied.`;
        });
        return EXIT.done;
      }),
    }),
  },
});
