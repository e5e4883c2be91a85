import { buildCommand } from '@stricli/core';
import { openHouse } from '#app/open.ts';
import { resume, stop, type Stopped } from '#app/qos/stop.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';
import { me } from '../me.ts';

interface ScopeFlags extends CommonFlags {
  readonly tenant?: string;
}

const FLAGS = {
  ...COMMON_FLAGS,
  tenant: { kind: 'parsed', parse: String, brief: 'Only this tenant', optional: true, placeholder: 'T' },
} as const;

function said({ scope, changed }: Stopped, done: string): string {
  const what = scope === '*' ? 'everything' : `everything of ${scope}`;
  return changed ? `${what} ${done}` : `${what} was ${done} before`;
}

export const stopCommand = buildCommand<ScopeFlags, [], Shell>({
  docs: docs(
    'Emergency stop: no new model call, push or landing; nothing is lost',
    'maestro stop --tenant atlas',
    'Running steps are cut off within seconds and done again after maestro resume.',
  ),
  parameters: { flags: FLAGS },
  func: command(async ({ io }: Call, flags: ScopeFlags) => {
    await using house = await openHouse(flags);
    const tenant = flags.tenant === undefined ? undefined : await getTenant(house, flags.tenant);
    const stopped = await stop(house, tenant, me(house));
    tell(io, { ...stopped, stopped: true }, () => `${said(stopped, 'stopped')}; to go on: maestro resume`);
    return EXIT.done;
  }),
});

export const resumeCommand = buildCommand<ScopeFlags, [], Shell>({
  docs: docs('Let stopped work go on from its last step', 'maestro resume --tenant atlas'),
  parameters: { flags: FLAGS },
  func: command(async ({ io }: Call, flags: ScopeFlags) => {
    await using house = await openHouse(flags);
    const tenant = flags.tenant === undefined ? undefined : await getTenant(house, flags.tenant);
    const resumed = await resume(house, tenant, me(house));
    tell(io, { ...resumed, stopped: false }, () => said(resumed, 'resumed'));
    return EXIT.done;
  }),
});
