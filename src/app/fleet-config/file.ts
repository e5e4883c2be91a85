import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readTextFile } from '#adapters/files/index.ts';
import { millis } from '#kernel/clock.ts';
import { parseDuration } from '#kernel/duration.ts';
import { usd } from '#kernel/money.ts';
import { AUTONOMY_LEVELS, BUDGET_PERIODS, DATA_CLASSES } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { checkTenant, tenantDefaults, type TenantSettings } from '../tenants/tenants.ts';

const texts = z.array(z.string().min(1));

const policySchema = z.strictObject({
  recipes: texts.optional(),
  agents: texts.optional(),
  models: texts.optional(),
  plugins: texts.optional(),
  licences: texts.optional(),
  deniedPaths: texts.optional(),
  protectedPaths: texts.optional(),
  autonomy: z.enum(AUTONOMY_LEVELS).optional(),
  autonomyFor: z.record(z.string().regex(/^(repo|recipe|agent):./), z.enum(AUTONOMY_LEVELS)).optional(),
});

const repositorySchema = z.strictObject({
  origin: z.string().min(1),
  branch: z.string().min(1).optional(),
  testCommand: texts.optional(),
});

const tenantSchema = z.strictObject({
  weight: z.number().optional(),
  budgetUsd: z.number().optional(),
  period: z.enum(BUDGET_PERIODS).optional(),
  slo: z.number().optional(),
  startWithin: z.string().optional(),
  regions: texts.optional(),
  dataClass: z.enum(DATA_CLASSES).optional(),
  policy: policySchema.optional(),
  repositories: z.record(z.string(), repositorySchema).optional(),
});
type TenantEntry = z.infer<typeof tenantSchema>;

const fleetSchema = z.strictObject({ tenants: z.record(z.string(), tenantSchema) });

/** A repository as the file wants it. */
export interface WantedRepository {
  readonly name: string;
  readonly origin: string;
  readonly branch?: string;
  readonly testCommand?: readonly string[];
}

/** A tenant as the file wants it: what it does not say has the value of the settings. */
export interface WantedTenant {
  readonly settings: TenantSettings;
  readonly repositories: readonly WantedRepository[];
}

/** Reads the tenants and repositories of a YAML file. Throws FLEET_INVALID, naming the place. */
export function readFleet(house: Pick<House, 'tenantDefaults'>, file: string): readonly WantedTenant[] {
  let value: unknown;
  try {
    value = parse(readTextFile(file));
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'YAMLParseError')) throw cause;
    throw new AppError('FLEET_INVALID', `${file} is not valid YAML: ${cause.message}`, { cause });
  }
  return fleetIn(house, value, file);
}

/** The same from a document; `file` is what faults call it. */
export function fleetIn(
  house: Pick<House, 'tenantDefaults'>,
  document: unknown,
  file: string,
): readonly WantedTenant[] {
  return Object.entries(documentOf(document, file).tenants).map(([id, entry]) => wanted(house, file, id, entry));
}

function documentOf(value: unknown, file: string): z.infer<typeof fleetSchema> {
  const read = fleetSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = join(...(issue?.path.map(String) ?? [])).replaceAll('/', '.');
  throw new AppError('FLEET_INVALID', `${file}: ${at}: ${issue?.message ?? 'unreadable'}`, { details: { at } });
}

function wanted(house: Pick<House, 'tenantDefaults'>, file: string, id: string, entry: TenantEntry): WantedTenant {
  const defaults = tenantDefaults(house, id);
  const settings: TenantSettings = {
    ...defaults,
    weight: entry.weight ?? defaults.weight,
    budgetNano: entry.budgetUsd === undefined ? defaults.budgetNano : usd(entry.budgetUsd),
    budgetPeriod: entry.period ?? defaults.budgetPeriod,
    slo: entry.slo ?? defaults.slo,
    startWithinMs: entry.startWithin === undefined ? defaults.startWithinMs : millis(parseDuration(entry.startWithin)),
    regions: entry.regions ?? defaults.regions,
    dataClass: entry.dataClass ?? defaults.dataClass,
    policy: withoutAbsent(entry.policy ?? {}),
  };
  try {
    checkTenant(settings);
  } catch (cause) {
    throw new AppError('FLEET_INVALID', `${file}: tenants.${id}: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
  const repositories = Object.entries(entry.repositories ?? {}).map(([name, { origin, branch, testCommand }]) => ({
    name,
    origin,
    ...(branch === undefined ? {} : { branch }),
    ...(testCommand === undefined ? {} : { testCommand }),
  }));
  return { settings, repositories };
}

function withoutAbsent(policy: NonNullable<TenantEntry['policy']>): TenantSettings['policy'] {
  // The cast is true: what is left are the members that have a value, of the types that the schema read.
  return Object.fromEntries(
    Object.entries(policy).filter(([, value]) => value !== undefined),
  ) as TenantSettings['policy'];
}
