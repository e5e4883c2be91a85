import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryFiles } from '#adapters/files/memory-files.ts';
import { SafeWorkspaceFiles } from '#adapters/files/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { gitWorkspaces } from '#adapters/git/workspaces.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import {
  type RecipeReport,
  RECIPES,
  recipeRunner,
  requestProblems,
  runRecipe,
  type RunContext,
  type RunOutcome,
} from '#agents/index.ts';
import type { Checkpoint, Workspace } from '#agents/ports.ts';
import { recipeCommand } from '#app/programs/recipe-command.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import { NO_MODEL } from '#domain/plan.ts';
import type { Sandbox } from '#domain/sandbox.ts';
import type { Task, Work } from '#domain/task.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';

interface Case {
  readonly params: { readonly [name: string]: string };
  readonly before: { readonly [path: string]: string };
  readonly after: { readonly [path: string]: string };
}

/** Every recipe has a case; `README.md` stands for all that it must leave alone. */
const CASES: { readonly [recipe: string]: Case } = {
  'rename-api': {
    params: { from: 'fetchUser', to: 'loadUser' },
    before: {
      'README.md': 'fetchUser\r\n',
      'src/api.ts': 'export const fetchUser = 1;\n',
      'src/b.ts': "export { fetchUser } from './api';\n",
    },
    after: {
      'README.md': 'fetchUser\r\n',
      'src/api.ts': 'export const loadUser = 1;\n',
      'src/b.ts': "export { loadUser } from './api';\n",
    },
  },
  codemod: {
    params: { pattern: 'log($A)', rewrite: 'print($A)' },
    before: { 'README.md': 'log(1)\r\n', 'src/a.ts': 'log("a");\n' },
    after: { 'README.md': 'log(1)\r\n', 'src/a.ts': 'print("a");\n' },
  },
};

const git = gitOn({ searchPath: process.env['PATH'] ?? '' });
const options = {
  clock: systemClock,
  random: systemRandom,
  node: process.execPath,
  searchPath: process.env['PATH'] ?? '',
};
const plain = await detectSandbox({ ...options, prefer: 'process' });
const best = await detectSandbox(options);
if (best.profile.kind !== 'bubblewrap') console.log(`skipped: no bubblewrap (${best.profile.warnings[0] ?? ''})`);
const sandboxes = best.profile.kind === 'bubblewrap' ? [plain, best] : [plain];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recipes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run of one task in a workspace made from these files. */
async function runTask(
  sandbox: Sandbox,
  files: { readonly [path: string]: string },
  work: Work,
  change: Partial<RunContext> = {},
): Promise<{ outcome: RunOutcome; workspace: Workspace }> {
  const repoDir = await mkdtemp(join(folder, 'repo-'));
  await git.run({ args: ['init', '-q', '--bare', '-b', 'main', repoDir] });
  const base = await commit(repoDir, files);
  const workspaces = gitWorkspaces({
    git,
    clock: systemClock,
    root: join(folder, 'work'),
    userOf: (ordinal) => sandbox.userOf(ordinal),
  });
  const run = `run_${Math.random().toString(36).slice(2)}` as RunId;
  const workspace = await workspaces.create({ run, repoDir, base, ordinal: 5 });
  let last: Checkpoint | undefined;
  const context: RunContext = {
    task: { work } as Task,
    ordinal: 5,
    workspace,
    environment: EMPTY_ENVIRONMENT,
    sandbox,
    limits: { wallMs: 60_000, memoryBytes: 4 * 1024 ** 3, processes: 128, outputBytes: 1_000_000 },
    plan: NO_MODEL,
    rung: { index: 0, model: '' },
    files: new SafeWorkspaceFiles(workspace.dir),
    testCommand: [],
    models: {
      access: () => Promise.reject(new Error('recipes need no model')),
      ask: () => Promise.reject(new Error('recipes need no model')),
      socket: () => Promise.reject(new Error('recipes need no model')),
    },
    elapsedMs: () => 0,
    pause: async () => undefined,
    changes: () => workspaces.changes(workspace),
    home: () => workspaces.home(workspace, 'one'),
    furnish: async () => undefined,
    mayChange: async () => undefined,
    note: (_, find) => find(),
    think: async (_, body) => (await body(context.signal, '')).result,
    plugins: { list: async () => [], call: async () => ({ ok: false, wallMs: 0, code: 'NO_PLUGINS', reasons: [] }) },
    signal: new AbortController().signal,
    step: async (name, body) => {
      const { result, usage } = await body(context.signal, FIRST);
      expect(usage.slotMs).toBeGreaterThan(0);
      last = await workspaces.checkpoint(workspace, 1, name);
      return result;
    },
    lastCheckpoint: () => last,
    ...change,
  };
  const outcome = await recipeRunner(recipeCommand()).run(context);
  return { outcome, workspace };
}

const FIRST = { again: false, kept: false, remember: async () => undefined };

async function commit(repoDir: string, files: { readonly [path: string]: string }): Promise<GitOid> {
  const index = { GIT_INDEX_FILE: join(repoDir, 'test-index') };
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
  for (const [path, text] of Object.entries(files)) {
    const blob = await git.text({ args: ['hash-object', '-w', '--stdin'], gitDir: repoDir, stdin: text });
    await git.run({
      args: ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`],
      gitDir: repoDir,
      env: index,
    });
  }
  const tree = await git.text({ args: ['write-tree'], gitDir: repoDir, env: index });
  return (await git.text({ args: ['commit-tree', tree, '-m', 'base'], gitDir: repoDir, env: who })) as GitOid;
}

/** Recipes of Maestro's own run in the sandbox; those that a plugin backs are shown in test/plugins/recipe.test.ts. */
const inSandbox = Object.entries(RECIPES).filter(([, recipe]) => 'load' in recipe);

describe.each(Object.entries(RECIPES))('the parameters of the recipe %s', (name, recipe) => {
  it('are asked for by name, with an example that is valid', () => {
    for (const param of recipe.params) expect(param.problem?.(param.example)).toBeUndefined();
    const reasons = requestProblems(name, {});

    const required = recipe.params.filter((param) => param.required);
    expect(reasons.map((reason) => reason.field)).toEqual(required.map((param) => `task.work.params.${param.name}`));
    for (const [index, param] of required.entries()) expect(reasons[index]?.fix).toContain(param.example);
  });
});

describe.each(inSandbox)('the recipe %s', (name, recipe) => {
  const example = CASES[name] ?? { params: {}, before: {}, after: {} };

  it('has the name of its line, a text and a case here', () => {
    expect(recipe.name).toBe(name);
    expect(recipe.text).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(CASES)).toContain(name);
    expect(requestProblems(name, example.params)).toEqual([]);
  });

  it('does its work, and done again it changes nothing', async () => {
    const files = new MemoryFiles(example.before);

    const first = await runRecipe(files, name, example.params);
    const after = files.texts();
    const second: RecipeReport = await runRecipe(files, name, example.params);

    expect(first.kind).toBe('change');
    expect(after).toEqual(example.after);
    expect(second.kind).toBe('no_change');
    expect(files.texts()).toEqual(after);
  });

  it.each(sandboxes.map((sandbox) => ({ kind: sandbox.profile.kind, sandbox })))(
    'runs in the $kind sandbox',
    async ({ sandbox }) => {
      const work: Work = { kind: 'recipe', name, params: example.params };

      const { outcome, workspace } = await runTask(sandbox, example.before, work);
      const again = await runTask(sandbox, example.after, work);

      expect(outcome).toMatchObject({ kind: 'change' });
      for (const [path, text] of Object.entries(example.after)) {
        expect(await readFile(join(workspace.dir, path), 'utf8')).toBe(text);
      }
      expect(again.outcome).toMatchObject({ kind: 'no_change' });
    },
  );
});

describe('the recipe runner', () => {
  const work: Work = { kind: 'recipe', name: 'codemod', params: { pattern: 'log($A)', rewrite: 'print($A)' } };
  const files = { 'a.ts': 'log(1);\n' };

  it('takes over refusals', async () => {
    const { outcome } = await runTask(best, files, {
      ...work,
      name: 'rename-api',
      params: { from: 'lgo', to: 'print' },
    });

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code: 'RENAME_NOT_FOUND' }] });
  });

  it('says when there was not enough time', async () => {
    const limits = { wallMs: 60, memoryBytes: 4 * 1024 ** 3, processes: 128, outputBytes: 1_000_000 };

    const { outcome } = await runTask(best, files, work, { limits });

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code: 'RECIPE_TIMED_OUT' }] });
  });

  it('does not end a step that was stopped from outside', async () => {
    const stop = new AbortController();
    const step: RunContext['step'] = async (_, body) => {
      setTimeout(() => stop.abort(new Error('preempted')), 50);
      return (await body(stop.signal, FIRST)).result;
    };

    await expect(runTask(best, files, work, { step })).rejects.toThrow('preempted');
  });

  it('believes git and not the report', async () => {
    const step: RunContext['step'] = async (_, body) => (await body(new AbortController().signal, FIRST)).result;
    const nothingChanged = { seq: 1, commit: '' as GitOid, tree: '' as GitOid };

    const { outcome } = await runTask(best, { 'a.ts': 'other();\n' }, work, {
      step,
      lastCheckpoint: () => nothingChanged,
    });

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code: 'RECIPE_REPORT_UNTRUE' }] });
  });
});
