import { buildCommand, buildRouteMap } from '@stricli/core';
import { parseDuration } from '#kernel/duration.ts';
import { isoTime } from '#kernel/iso-time.ts';
import {
  allOverrides,
  approveOverride,
  getOverride,
  overrideDocument,
  requestOverride,
  revokeOverride,
} from '#app/governance/overrides.ts';
import { type House, openHouse } from '#app/open.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import type { Principal } from '#domain/action.ts';
import type { Override } from '#domain/override.ts';
import { overrideState } from '#policy/index.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the override', parse: String, placeholder: 'ID' }] } as const;

interface RequestFlags extends CommonFlags {
  readonly tenant: string;
  readonly action: string;
  readonly code: readonly string[];
  readonly reason: string;
  readonly for: string;
  readonly uses: number;
  readonly repo?: string;
  readonly task?: string;
  readonly path?: readonly string[];
}

const required = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, placeholder }) as const;
const optional = (brief: string, placeholder: string) => ({ ...required(brief, placeholder), optional: true }) as const;

function linesOf(house: House, overrides: readonly Override[]): string {
  if (overrides.length === 0) return 'No overrides.';
  const rows = overrides.map((override) => {
    const { id, tenant, action, codes, uses, maxUses, requestedBy, approvedBy = '-', expiresAt } = override;
    const state = overrideState(override, house.clock.now());
    const lifts = codes.join(' ');
    return [id, tenant, state, action, lifts, `${uses}/${maxUses}`, requestedBy, approvedBy, isoTime(expiresAt)];
  });
  const head = ['OVERRIDE', 'TENANT', 'STATE', 'ACTION', 'LIFTS', 'USES', 'ASKED BY', 'APPROVED BY', 'ENDS'];
  return table([head, ...rows]);
}

function show(call: Call, house: House, override: Override, said: string): void {
  tell(call.io, overrideDocument(house, override), () => `${said}\n${linesOf(house, [override])}`);
}

const request = buildCommand<RequestFlags, [], Shell>({
  docs: docs(
    'Ask for an exception to policy; it lifts nothing until another person approves it',
    'maestro override request --tenant atlas --action change.push --code PATH_DENIED --path "docs/**" --reason "urgent notice" --for 4h',
    'Take action and code from the refusal: maestro policy explain ID.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: required('Tenant', 'T'),
      action: required('Action that was refused, such as change.push', 'A'),
      code: { ...required('Code of a refusal to lift', 'CODE'), variadic: true },
      reason: required('Why; it stands in card and evidence', 'TEXT'),
      for: { ...required('How long it holds', 'D'), default: '4h' },
      uses: { kind: 'parsed', parse: Number, brief: 'How often it may be used', default: '1', placeholder: 'N' },
      repo: optional('Only in this repository, such as atlas/shop', 'R'),
      task: optional('Only for this task', 'ID'),
      path: { ...required('Only for paths under this glob', 'GLOB'), variadic: true, optional: true },
    },
  },
  func: command(async (call: Call, flags: RequestFlags) => {
    await using house = await openHouse(flags);
    const { repo, task, path: paths } = flags;
    const ask = {
      tenant: await getTenant(house, flags.tenant),
      action: flags.action,
      codes: flags.code,
      reason: flags.reason,
      forMs: parseDuration(flags.for),
      maxUses: flags.uses,
      ...(repo === undefined ? {} : { repo }),
      ...(task === undefined ? {} : { task }),
      ...(paths === undefined ? {} : { paths }),
    };
    const override = await requestOverride(house, ask, me(house));
    show(call, house, override, `Asked. Another person approves it with: maestro override approve ${override.id}`);
    return EXIT.done;
  }),
});

type Deed = (house: House, override: Override, by: Principal) => Promise<Override>;

function deed(brief: string, verb: string, said: string, act: Deed) {
  return buildCommand<CommonFlags, [id: string], Shell>({
    docs: docs(brief, `maestro override ${verb} ovr_01`),
    parameters: { flags: COMMON_FLAGS, positional: ID },
    func: command(async (call: Call, flags: CommonFlags, id: string) => {
      await using house = await openHouse(flags);
      show(call, house, await act(house, await getOverride(house, id), me(house)), said);
      return EXIT.done;
    }),
  });
}

const list = buildCommand<CommonFlags & { tenant?: string }, [], Shell>({
  docs: docs('List overrides with requester, approver, scope, end and uses', 'maestro override list'),
  parameters: { flags: { ...COMMON_FLAGS, tenant: optional('Only of this tenant', 'T') } },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant?: string }) => {
    await using house = await openHouse(flags);
    const tenant = flags.tenant === undefined ? undefined : await getTenant(house, flags.tenant);
    const overrides = await allOverrides(house, tenant);
    tell(
      io,
      overrides.map((override) => overrideDocument(house, override)),
      () => linesOf(house, overrides),
    );
    return EXIT.done;
  }),
});

export const overrideRoutes = buildRouteMap({
  docs: { brief: 'Exceptions to policy: asked for, approved by a second person, limited, on record' },
  routes: {
    request,
    approve: deed(
      'Approve an override that somebody else asked for',
      'approve',
      'Approved; it lifts these refusals from now on.',
      approveOverride,
    ),
    revoke: deed('End an override at once', 'revoke', 'Revoked.', revokeOverride),
    list,
  },
});
