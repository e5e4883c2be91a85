import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration, parseDuration } from '#kernel/duration.ts';
import { millis } from '#kernel/clock.ts';
import { readConfig } from '#app/config/config.ts';
import { openHouse } from '#app/open.ts';
import { buildPolicy, checkPolicy, decisionDocument, getDecision, testPolicy } from '#app/governance/policy-desk.ts';
import { bundled } from '#app/governance/policy-engine.ts';
import { rehearse } from '#app/governance/rehearse.ts';
import type { Settings } from '#app/config/settings.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { reasonLines, table, tell } from '../io.ts';

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the decision', parse: String, placeholder: 'ID' }] } as const;

const file = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, placeholder }) as const;

function settingsOf(flags: CommonFlags): Settings {
  return readConfig({ flags: flags.dataDir === undefined ? {} : { dataDir: flags.dataDir } }).settings;
}

function decisionLines({ allow, reasons, obligations, engine, policyDigest }: Omit<PolicyDecision, 'id'>): string {
  const people = obligations.map(({ because }) => because);
  const verdict = !allow ? 'denied' : people.length > 0 ? 'allowed once a person has approved' : 'allowed';
  const lines = [`${verdict} (${engine}, policy ${policyDigest.slice(0, 12)})`];
  if (reasons.length > 0) lines.push(reasonLines(reasons));
  if (people.length > 0) lines.push(reasonLines(people));
  return lines.join('\n');
}

const check = buildCommand<CommonFlags & { input: string }, [], Shell>({
  docs: docs(
    'Ask the policy about an action without doing it',
    'maestro policy check --input examples/policy-input.json',
    'The file holds {action, tenant}. Exit code 3 when denied.',
  ),
  parameters: {
    flags: { ...COMMON_FLAGS, input: { kind: 'parsed', parse: String, brief: 'JSON file', placeholder: 'FILE' } },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { input: string }) => {
    const decision = await checkPolicy(settingsOf(flags), flags.input);
    tell(io, decision, () => decisionLines(decision));
    return decision.allow ? EXIT.done : EXIT.refused;
  }),
});

const test = buildCommand<CommonFlags & { cases?: string }, [], Shell>({
  docs: docs('Put cases with known answers to the policy engine', 'maestro policy test'),
  parameters: { flags: { ...COMMON_FLAGS, cases: file('JSON file of cases; the shipped ones when left out', 'FILE') } },
  func: command(async ({ io }: Call, flags: CommonFlags & { cases?: string }) => {
    const result = await testPolicy(settingsOf(flags), flags.cases);
    tell(io, { ok: result.failures.length === 0, ...result }, () => {
      const lines = result.failures.map(({ name, wanted, got }) => [name, wanted.join(' '), got.join(' ')]);
      const verdict = `${result.cases - result.failures.length} of ${result.cases} cases pass on ${result.engine}`;
      return lines.length === 0 ? verdict : `${table([['CASE', 'WANTED', 'GOT'], ...lines])}\n${verdict}`;
    });
    return result.failures.length === 0 ? EXIT.done : EXIT.bad;
  }),
});

const explain = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Show a recorded decision: who, what, why, by which rules', 'maestro policy explain dec_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const decision = await getDecision(house, id);
    tell(io, decisionDocument(decision), () => {
      const { name, principal, resource } = decision.action;
      const by = principal.delegatedBy === undefined ? principal.id : `${principal.id} for ${principal.delegatedBy}`;
      const about = `${name} of ${resource.kind} ${resource.id} (tenant ${resource.tenant}) by ${by}`;
      return `${about}, ${formatDuration(house.clock.now() - decision.at)} ago\n${decisionLines(decision)}`;
    });
    return EXIT.done;
  }),
});

interface RehearseFlags extends CommonFlags {
  readonly bundle?: string;
  readonly since: string;
}

const rehearseCommand = buildCommand<RehearseFlags, [], Shell>({
  docs: docs(
    'Show what a policy change would have done to the decisions on record',
    'maestro policy rehearse --since 7d',
    'With --bundle a compiled bundle is compared with the policy of today; without, today with what was recorded. Settings of tenants are those of today.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      bundle: file('Folder of a compiled bundle', 'DIR'),
      since: { kind: 'parsed', parse: String, brief: 'How far back', default: '7d', placeholder: 'D' },
    },
  },
  func: command(async ({ io }: Call, flags: RehearseFlags) => {
    await using house = await openHouse(flags);
    const since = millis(house.clock.now() - parseDuration(flags.since));
    const candidate =
      flags.bundle === undefined ? {} : { candidate: (await bundled(flags.bundle, 'candidate')).engine };
    const rehearsal = await rehearse({ store: house.store, today: house.policy }, { since, ...candidate });
    tell(io, rehearsal, () => {
      const rows = rehearsal.differences.map(({ decision, action, tenant, before, after, codes }) => [
        decision,
        tenant,
        action,
        `${before} > ${after}`,
        codes.after.join(' '),
      ]);
      const counts = Object.entries(rehearsal.counts).map(([change, count]) => `${count} ${change}`);
      const old = rehearsal.withoutRoles;
      const assumed =
        old === 0
          ? []
          : [
              `${old} were recorded before there were roles: people are taken for administrators, agents for the conductor`,
            ];
      const sum = [`${rehearsal.changed} of ${rehearsal.decisions} decisions differ`, ...counts, ...assumed].join(
        '\n  ',
      );
      return rows.length === 0
        ? sum
        : `${table([['DECISION', 'TENANT', 'ACTION', 'CHANGE', 'REASONS'], ...rows])}\n${sum}`;
    });
    return EXIT.done;
  }),
});

const build = buildCommand<CommonFlags & { opa: string }, [], Shell>({
  docs: docs(
    'Compile the rules of your own with the shipped ones',
    'maestro policy build --opa opa',
    'Own Rego lies in policies/ of the data directory, in packages below maestro.custom.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      opa: { kind: 'parsed', parse: String, brief: 'The opa binary', default: 'opa', placeholder: 'FILE' },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { opa: string }) => {
    const built = await buildPolicy(settingsOf(flags).dataDir, flags.opa);
    tell(
      io,
      built,
      () => `${built.sources.length} files compiled into ${built.out}, revision ${built.revision.slice(0, 12)}`,
    );
    return EXIT.done;
  }),
});

export const policyRoutes = buildRouteMap({
  docs: { brief: 'What may happen: ask, test, explain, rehearse' },
  routes: { check, test, explain, rehearse: rehearseCommand, build },
});
