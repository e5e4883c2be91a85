import { buildCommand, buildRouteMap } from '@stricli/core';
import { applyFleet, planFor } from '#app/fleet-config/apply.ts';
import { exportFleet } from '#app/fleet-config/export.ts';
import { readFleet } from '#app/fleet-config/file.ts';
import { type FleetPlan, type FleetStep, planDocument } from '#app/fleet-config/plan.ts';
import { readConfig } from '#app/config/config.ts';
import { openHouse } from '#app/open.ts';
import type { Json } from '#kernel/json.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

const show = buildCommand<CommonFlags, [], Shell>({
  docs: docs('Show every setting, its value and where it comes from', 'maestro config show'),
  parameters: { flags: COMMON_FLAGS },
  func: command(({ io }: Call, flags: CommonFlags) => {
    const { shown } = readConfig({ flags: flags.dataDir === undefined ? {} : { dataDir: flags.dataDir } });
    const settings = shown.map(({ name, value, origin }) => ({ name, value, origin: { ...origin } }));
    tell(io, settings, () => {
      const rows = shown.map(({ name, value, origin }) => [name, value ?? '', `${origin.kind} ${origin.name}`]);
      return table([['SETTING', 'VALUE', 'FROM'], ...rows]);
    });
    return Promise.resolve(EXIT.done);
  }),
});

const FILE = { kind: 'tuple', parameters: [{ brief: 'YAML file', parse: String, placeholder: 'FILE' }] } as const;

function value(field: Json): string {
  return field === null ? 'not set' : typeof field === 'string' ? field : JSON.stringify(field);
}

function stepLines(step: FleetStep): readonly string[] {
  if (step.kind !== 'change tenant') return [`+ ${step.kind} ${step.target}`];
  return [
    `~ ${step.kind} ${step.target}`,
    ...step.changes.map(({ field, from, to }) => `    ${field}: ${value(from)} > ${value(to)}`),
  ];
}

function planLines({ steps, drift, unmanaged, conflicts }: FleetPlan): string {
  return [
    ...(steps.length === 0 ? ['Nothing to do: the system is as the file says.'] : steps.flatMap(stepLines)),
    ...drift.map(
      ({ tenant, field, from, to }) => `! drift ${tenant}: ${field} was applied as ${value(from)}, is ${value(to)}`,
    ),
    ...unmanaged.map((name) => `? ${name} is not in the file and stays as it is`),
    ...conflicts.map((why) => `x conflict: ${why}`),
  ].join('\n');
}

const plan = buildCommand<CommonFlags & { check: boolean }, [file: string], Shell>({
  docs: docs(
    'Show what would change so that tenants and repositories are as a file says, and what was changed by hand',
    'maestro config plan examples/fleet.yaml',
    'With --check the exit code is 1 when there is anything to do, drift included.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      check: { kind: 'boolean', brief: 'Exit with 1 when anything differs', default: false, withNegated: false },
    },
    positional: FILE,
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { check: boolean }, file: string) => {
    await using house = await openHouse(flags);
    const found = await planFor(house, readFleet(house, file));
    tell(io, planDocument(found), () => planLines(found));
    const differs = [found.steps, found.drift, found.conflicts].some(({ length }) => length > 0);
    return flags.check && differs ? EXIT.bad : EXIT.done;
  }),
});

const apply = buildCommand<CommonFlags, [file: string], Shell>({
  docs: docs(
    'Make tenants and repositories what a file says; nothing is deleted',
    'maestro config apply examples/fleet.yaml',
    'Each step is decided by policy. It can be run again at any time and goes on where it stopped.',
  ),
  parameters: { flags: COMMON_FLAGS, positional: FILE },
  func: command(async ({ io }: Call, flags: CommonFlags, file: string) => {
    await using house = await openHouse(flags);
    const done = await applyFleet(house, readFleet(house, file), me(house), (step) => {
      if (!io.json) io.err(`${stepLines(step).join('\n')}\n`);
    });
    tell(io, planDocument(done), () => `${done.steps.length} steps done.`);
    return EXIT.done;
  }),
});

const exportCommand = buildCommand<CommonFlags, [], Shell>({
  docs: docs('Print tenants and repositories as the file that plan and apply read', 'maestro config export'),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const { document, yaml } = await exportFleet(house);
    tell(io, document, () => yaml.trimEnd());
    return EXIT.done;
  }),
});

export const configRoutes = buildRouteMap({
  docs: { brief: 'Settings and where they come from; tenants and repositories as a file' },
  routes: { show, plan, apply, export: exportCommand },
});
