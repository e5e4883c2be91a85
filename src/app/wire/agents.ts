import { isAbsolute, join } from 'node:path';
import { findPrograms, readAgentsFile } from '#adapters/agent-programs/index.ts';
import { FORWARD_PORT } from '#adapters/environment/forward.ts';
import { acpRunner, commandRunner, type FoundProgram, nativeRunner, recipeRunner, type Runner } from '#agents/index.ts';
import { forwarderCommand } from '../programs/forwarder-command.ts';
import type { House } from '../house.ts';
import { recipeCommand } from '../programs/recipe-command.ts';
import type { Settings } from '../config/settings.ts';
import type { Tools } from './tools.ts';

/** Everyone who can do a task: recipes, Maestro's own agent, and agents of others whose programs are connected. */
export async function runnerParts(tools: Tools, version: string): Promise<Pick<House, 'runners' | 'programs'>> {
  const { settings, dataDir, searchPath } = tools;
  const file = settings['agents.file'];
  const path = isAbsolute(file) ? file : join(dataDir, file);
  const programs = await findPrograms(await readAgentsFile(path), searchPath);
  const runners = new Map<string, Runner>([
    ['recipe', recipeRunner(recipeCommand())],
    ['native', nativeRunner(nativeBounds(settings))],
    ...programs.map((program) => [program.name, runnerOf(program, settings, version)] as const),
  ]);
  return { runners, programs };
}

function nativeBounds(settings: Settings): Parameters<typeof nativeRunner>[0] {
  return {
    steps: settings['agent.steps'],
    wallMs: settings['run.wall'],
    outputBytes: settings['agent.output'],
    answerTokens: settings['agent.answerTokens'],
  };
}

function runnerOf(program: FoundProgram, settings: Settings, version: string): Runner {
  const forwarder = { ...forwarderCommand(), port: FORWARD_PORT };
  const options = { program, forwarder, wallMs: settings['run.wall'] };
  if (program.runner === 'command') return commandRunner(options);
  return acpRunner({ ...options, outputBytes: settings['agent.output'], version });
}
