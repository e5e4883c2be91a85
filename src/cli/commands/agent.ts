import { buildCommand } from '@stricli/core';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';

export const agentsCommand = buildCommand<CommonFlags, [], Shell>({
  docs: docs(
    'List the agents that tasks can be given to, and what each still needs',
    'maestro agents',
    'Agents are connected by the agents file of the data directory, or by having their program on the search path.',
  ),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const noModel = house.models.problem();
    const work = { kind: 'agent', prompt: 'anything' } as const;
    const agents = [...house.runners].flatMap(([name, runner]) => {
      if (name === 'recipe') return [];
      const needs = [...runner.problems({ ...work, name }), ...(noModel === undefined ? [] : [noModel])];
      const path = house.programs.find((each) => each.name === name)?.path ?? null;
      return [
        { name, kind: runner.kind, ready: needs.length === 0, program: path, needs: needs.map(({ msg }) => msg) },
      ];
    });
    tell(io, agents, () => {
      const rows = agents.map(({ name, kind, ready, needs }) => [name, kind, ready ? 'ready' : needs.join('; ')]);
      return table([['AGENT', 'KIND', 'STATE'], ...rows]);
    });
    return EXIT.done;
  }),
});
