import { delimiter, dirname, join } from 'node:path';
import { removeTree } from '#adapters/files/remove-tree.ts';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Sandbox, SandboxCommand, SandboxProfile, SandboxResult } from '#domain/sandbox.ts';
import { checkMounts } from '../check-mounts.ts';
import { metered, runWalled } from '../child.ts';
import { findProgram } from '../find-program.ts';
import { newMark } from '../mark.ts';
import { privateMemory } from '../private-memory.ts';
import { LentMounts } from './lend-mounts.ts';

export interface ProcessSandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Absolute path of the Node that programs get. */
  readonly node: string;
  readonly searchPath: string;
  /** Why there are no better walls; said on cards. */
  readonly because: string;
}

/** Runs programs as plain child processes: output, time and memory are limited and the tree is ended, but there are no walls. */
export async function processSandbox(options: ProcessSandboxOptions): Promise<Sandbox> {
  const setpriv = await findProgram('setpriv', options.searchPath);
  const prlimit = await findProgram('prlimit', options.searchPath);

  const mounts = new LentMounts();

  // When Maestro itself is killed, the program dies with it.
  const withParent = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];

  const runAtHome = async (command: SandboxCommand, home: string, signal: AbortSignal): Promise<SandboxResult> => {
    const memory = prlimit === undefined ? [] : [prlimit, `--data=${privateMemory(command.limits)}`, '--core=0', '--'];
    const mark = newMark(options.random);
    const walled = {
      argv: [...withParent, ...metered([...withParent, ...memory, ...command.argv])],
      cwd: command.workspace,
      env: {
        PATH: [...brought(command), dirname(options.node), options.searchPath].join(delimiter),
        HOME: command.home ?? home,
        TMPDIR: home,
        LANG: 'C.UTF-8',
        ...command.environment.env,
        ...command.env,
        [mark.name]: mark.value,
      },
      mark,
      stdin: command.stdin ?? '',
      ...(command.talk === undefined ? {} : { talk: command.talk }),
      wallMs: command.limits.wallMs,
      quietMs: command.limits.quietMs,
      outputBytes: command.limits.outputBytes,
      keeps: command.keeps,
      data: [],
      heard: command.heard,
    };
    return runWalled(walled, options.clock, signal);
  };

  const run = async (command: SandboxCommand, signal: AbortSignal): Promise<SandboxResult> => {
    await checkMounts(command.workspace, command.environment);
    const home = await makeTempFolder('maestro-home-');
    try {
      return await mounts.during(command, () => runAtHome(command, home, signal));
    } finally {
      // Programs leave folders that their owner may not write, as Go's module cache: that must not cost the result.
      await removeTree(home);
    }
  };

  return { profile: profileOf(options.because, prlimit !== undefined), userOf: () => undefined, run };
}

/** Absolute, as the workspace lies where it is. */
function brought({ workspace, environment }: SandboxCommand): readonly string[] {
  return (environment.path ?? []).map((folder) => join(workspace, folder));
}

function profileOf(because: string, memory: boolean): SandboxProfile {
  return {
    kind: 'process',
    network: 'open',
    filesystem: 'open',
    limits: ['wall time', 'output', ...(memory ? ['private memory of each process'] : [])],
    warnings: [
      `Programs ran as plain child processes, without walls: ${because}.`,
      'They could reach the network, and read and write every file that the user of Maestro can.',
      'Install bubblewrap (`apt-get install bubblewrap`) to confine them.',
    ],
  };
}
