import type { Reason } from '#domain/reason.ts';
import type { SandboxResult } from '#domain/sandbox.ts';
import type { Work } from '#domain/task.ts';
import { NO_USAGE, type Usage } from '#domain/usage.ts';
import { findRecipe } from './recipes/map.ts';
import { pluginReport } from './recipes/plugin/report.ts';
import type { PluginRecipe, RecipeParams, RecipeReport } from './recipes/recipe.ts';
import { readReport } from './recipes/report-schema.ts';
import { requestProblems } from './recipes/request-problems.ts';
import type { RunContext, Runner, RunOutcome } from './runner.ts';

/** How the recipe program is started inside the walls, and what must be readable there. */
export interface RecipeCommand {
  readonly argv: readonly string[];
  readonly readOnly: readonly string[];
}

type Report = RecipeReport;

/** Runs deterministic recipes: one program in the sandbox, whose word counts only where git says the same. */
export function recipeRunner(command: RecipeCommand): Runner {
  return {
    kind: 'recipe',
    problems: (work) => (work.kind === 'recipe' ? requestProblems(work.name, work.params) : [notARecipe(work)]),
    run: async (context) => {
      const { work } = context.task;
      if (work.kind !== 'recipe') return { kind: 'failed', reasons: [notARecipe(work)] };
      const recipe = findRecipe(work.name);
      if (recipe !== undefined && 'call' in recipe) return callPlugin(context, recipe, work.params);
      const report = await context.step(`recipe:${work.name}`, async (signal) => {
        const result = await runInSandbox(
          context,
          command,
          JSON.stringify({ name: work.name, params: work.params }),
          signal,
        );
        return { result: reportOf(result), usage: usageOf(result) };
      });
      return believed(report, context);
    },
  };
}

/** The plugin runs behind the host's own walls, and its edits are applied by the host; git has the last word here too. */
async function callPlugin(context: RunContext, recipe: PluginRecipe, params: RecipeParams): Promise<RunOutcome> {
  const { id, input } = recipe.call(params);
  const report = await context.step(`recipe:${recipe.name}:${id}`, async (signal) => {
    const result = await context.plugins.call({ id, input, workspace: context.workspace.dir }, signal);
    signal.throwIfAborted();
    return { result: pluginReport(id, result), usage: { ...NO_USAGE, slotMs: result.wallMs } };
  });
  return believed(report, context);
}

async function runInSandbox(
  context: RunContext,
  { argv, readOnly }: RecipeCommand,
  stdin: string,
  signal: AbortSignal,
): Promise<SandboxResult> {
  const { ordinal, workspace, environment, sandbox, limits } = context;
  const command = { ordinal, argv, workspace: workspace.dir, environment, readOnly, env: {}, stdin, limits };
  const result = await sandbox.run(command, signal);
  // Stopped from outside is no result: the step is done again when the run goes on.
  if (result.endedBy === 'abort') signal.throwIfAborted();
  return result;
}

function usageOf(result: SandboxResult): Usage {
  return { ...NO_USAGE, slotMs: result.wallMs, cpuMs: result.cpuMs };
}

function reportOf(result: SandboxResult): Report {
  if (result.endedBy === 'timeout') {
    return failed(
      'RECIPE_TIMED_OUT',
      `The recipe did not end within ${result.wallMs} ms`,
      'Give the task more time, or less to do',
    );
  }
  if (result.exitCode !== 0) {
    const words = result.stderr.trim().slice(-1500) || `it ended by ${result.endedBy}`;
    return failed(
      'RECIPE_CRASHED',
      `The recipe broke: ${words}`,
      'Give it more memory if it ran out, else report this as a fault',
    );
  }
  return (
    readReport(result.stdout) ??
    failed('RECIPE_REPORT_INVALID', 'The recipe ended without a report that can be read', 'Report this as a fault')
  );
}

/** What the recipe says, held against what git sees in the workspace. */
function believed(report: Report, context: RunContext): RunOutcome {
  const changed = context.lastCheckpoint()?.tree !== context.workspace.baseTree;
  if (report.kind === 'failed') return report;
  if ((report.kind === 'change') !== changed) {
    const seen = changed ? 'the files differ' : 'no file differs';
    const untrue = failed(
      'RECIPE_REPORT_UNTRUE',
      `The recipe reported ${report.kind}, but ${seen}`,
      'Report this as a fault',
    );
    return untrue;
  }
  return report.kind === 'change' ? { kind: 'change', summary: report.summary, warnings: report.warnings } : report;
}

function failed(code: string, msg: string, fix: string): Extract<Report, { kind: 'failed' }> {
  return { kind: 'failed', reasons: [{ code, msg, field: 'task.work', fix }] };
}

function notARecipe(work: Work): Reason {
  return {
    code: 'RUNNER_WRONG',
    msg: `This runner does recipes, not work of kind ${work.kind}`,
    field: 'task.work.kind',
    fix: 'Choose a recipe',
  };
}
