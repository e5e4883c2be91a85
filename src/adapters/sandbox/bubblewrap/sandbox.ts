import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import { type Sandbox, type SandboxCommand, type SandboxProfile, sandboxUser } from '#domain/sandbox.ts';
import { runWalled } from '../child.ts';
import { newMark } from '../mark.ts';
import type { MemoryGroups } from '../memory-group.ts';
import { privateMemory } from '../private-memory.ts';
import { argumentsFor, dataOf, type Materials } from './arguments.ts';
import { checkMounts } from '../check-mounts.ts';

function profileOf(groups: MemoryGroups | undefined): SandboxProfile {
  const memory = groups === undefined ? [] : ['memory of all processes together'];
  const each = ['private memory of each process', 'processes and threads', 'temporary files'];
  return {
    kind: 'bubblewrap',
    network: 'none',
    filesystem: 'workspace-only',
    limits: ['wall time', 'output', ...memory, ...each],
    warnings: [],
  };
}

/** Walls by bubblewrap: no network, a read-only system, one writable folder, limits, a user of its own for each tenant. */
export function bubblewrapSandbox(options: {
  clock: Clock;
  random: Random;
  materials: Materials;
  groups: MemoryGroups | undefined;
}): Sandbox {
  // Only root can become another user; anybody else stays who they are.
  const isRoot = process.getuid?.() === 0;
  const userOf = (ordinal: number): number | undefined => (isRoot ? sandboxUser(ordinal) : undefined);

  const run = async (command: SandboxCommand, signal: AbortSignal): ReturnType<Sandbox['run']> => {
    await checkMounts(command.workspace, command.environment);
    const user = userOf(command.ordinal);
    const mark = newMark(options.random);
    await using group = await options.groups?.make(privateMemory(command.limits));
    const walled = {
      argv: [...(group?.enter ?? []), ...argumentsFor(command, { materials: options.materials, user, mark })],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', [mark.name]: mark.value },
      mark,
      stdin: command.stdin ?? '',
      ...(command.talk === undefined ? {} : { talk: command.talk }),
      wallMs: command.limits.wallMs,
      quietMs: command.limits.quietMs,
      outputBytes: command.limits.outputBytes,
      keeps: command.keeps,
      data: dataOf(user ?? process.getuid?.() ?? 0),
      heard: command.heard,
    };
    return await runWalled(walled, options.clock, signal);
  };

  return { profile: profileOf(options.groups), userOf, run };
}
