import { buildCommand, buildRouteMap } from '@stricli/core';
import { readConfig } from '#app/config.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';

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

export const configRoutes = buildRouteMap({ docs: { brief: 'Settings and where they come from' }, routes: { show } });
