import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forwarderCommand } from '#app/programs/forwarder-command.ts';
import { FORWARD_PORT } from '#adapters/environment/index.ts';
import { SafeWorkspaceFiles } from '#adapters/files/index.ts';
import { openDoor } from '#adapters/gateway-door/index.ts';
import { gitOn, gitWorkspaces } from '#adapters/git/index.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import type { ChatAnswer, Checkpoint, RunContext, StepState, Workspace } from '#agents/index.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import { NO_MODEL } from '#domain/plan.ts';
import type { Task } from '#domain/task.ts';
import { systemClock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { nanoUsd } from '#kernel/money.ts';
import { systemRandom } from '#kernel/random.ts';

const searchPath = process.env['PATH'] ?? '';
const git = gitOn({ searchPath });

export const forwarder = { ...forwarderCommand(), port: FORWARD_PORT };

/** What a run of an agent stands on: real git, real walls, and a journal in memory that is replayed like the real one. */
export async function stage() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-agents-'));
  const sandbox = await detectSandbox({ clock: systemClock, random: systemRandom, node: process.execPath, searchPath });
  const root = join(folder, 'work');
  const workspaces = gitWorkspaces({ git, clock: systemClock, root, userOf: (ordinal) => sandbox.userOf(ordinal) });
  let count = 0;

  const open = async (files: { readonly [path: string]: string }, prompt: string, parts: Partial<Parts> = {}) => {
    const repoDir = join(folder, `repo-${++count}`);
    const base = await commit(repoDir, files);
    const run = `run_${process.pid}_${count}` as RunId;
    const workspace = await workspaces.create({ run, repoDir, base, ordinal: 5 });
    const journal = new Map<string, { result: Json; last: Checkpoint | undefined }>();
    const begun = new Set<string>();
    const context = (signal: AbortSignal = new AbortController().signal): RunContext =>
      contextOf({ workspace, prompt, journal, begun, signal, ...parts });
    const treeFile = (path: string, tree: GitOid) =>
      git.text({ args: ['cat-file', 'blob', `${tree}:${path}`], gitDir: repoDir });
    return { context, workspace, treeFile, repoDir, journal };
  };

  interface Parts {
    readonly ask: (key: string, body: { readonly [name: string]: Json }) => ChatAnswer | Promise<ChatAnswer>;
    readonly gateway: string;
    readonly denied: readonly string[];
    readonly elapsedMs: number;
  }

  function contextOf(from: {
    workspace: Workspace;
    prompt: string;
    journal: Map<string, { result: Json; last: Checkpoint | undefined }>;
    begun: Set<string>;
    signal: AbortSignal;
    ask?: Parts['ask'];
    gateway?: string;
    denied?: readonly string[];
    elapsedMs?: number;
  }): RunContext {
    const { workspace, prompt, journal, begun, signal, gateway = 'http://127.0.0.1:9', denied = [] } = from;
    let last: Checkpoint | undefined;
    let ready = false;
    const access = { url: gateway, key: 'mk_test' };
    const prepare = async (): Promise<void> => {
      if (!ready) await workspaces.restore(workspace, last?.commit ?? workspace.base);
      ready = true;
    };
    const recorded = async <T extends Json>(name: string, effect: () => Promise<T>): Promise<T> => {
      const known = journal.get(name);
      if (known !== undefined) {
        last = known.last;
        return known.result as T;
      }
      signal.throwIfAborted();
      const result = await effect();
      journal.set(name, { result: JSON.parse(JSON.stringify(result)) as Json, last });
      return result;
    };
    return {
      task: {
        tenant: 'one',
        repo: 'one/repo',
        boundNano: nanoUsd(1e9),
        work: { kind: 'agent', name: 'x', prompt },
      } as Task,
      ordinal: 5,
      workspace,
      environment: EMPTY_ENVIRONMENT,
      sandbox,
      limits: { wallMs: 60_000, memoryBytes: 4 * 1024 ** 3, processes: 256, outputBytes: 200_000 },
      plan: NO_MODEL,
      rung: { index: 0, model: 'double-large' },
      plugins: { list: async () => [], call: async () => ({ ok: false, wallMs: 0, code: 'NO_PLUGINS', reasons: [] }) },
      files: new SafeWorkspaceFiles(workspace.dir),
      testCommand: ['node', '--test'],
      models: {
        access: async () => access,
        ask: async ({ key, body }) => {
          if (from.ask === undefined) throw new Error('this run asks no model');
          return from.ask(key, body);
        },
        socket: () => openDoor(gateway),
      },
      signal,
      elapsedMs: () => from.elapsedMs ?? 0,
      pause: (ms) => systemClock.sleep(ms, signal).catch(() => undefined),
      changes: () => workspaces.changes(workspace),
      home: () => workspaces.home(workspace, 'rung-0'),
      furnish: async (files) => {
        const home = new SafeWorkspaceFiles(await workspaces.home(workspace, 'rung-0'));
        for (const [path, text] of Object.entries(files)) await home.write(path, Buffer.from(text));
      },
      mayChange: async (paths) =>
        paths.some((path) => denied.includes(path))
          ? { code: 'PATH_DENIED', msg: 'no task may touch it', field: 'paths', fix: 'leave it alone' }
          : undefined,
      note: (name, find) =>
        recorded(name, async () => {
          await prepare();
          return find();
        }),
      think: (name, work) => recorded(name, async () => (await work(signal, name)).result),
      step: (name, work, { carriesOn } = { carriesOn: false }) =>
        recorded(name, async () => {
          const again = begun.has(name);
          begun.add(name);
          const note = carriesOn && again ? await workspaces.kept(workspace) : undefined;
          const kept = note?.step === name;
          if (kept) ready = true;
          await prepare();
          if (carriesOn && !kept) await workspaces.keep(workspace, { step: name });
          const state: StepState = {
            again,
            kept,
            ...(note?.memo === undefined ? {} : { memo: note.memo }),
            remember: (memo) => workspaces.keep(workspace, { step: name, memo }),
          };
          const { result } = await work(signal, state);
          last = await workspaces.checkpoint(workspace, journal.size + 1, name);
          return result;
        }),
      lastCheckpoint: () => last,
    };
  }

  return { open, sandbox, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function commit(repoDir: string, files: { readonly [path: string]: string }): Promise<GitOid> {
  await git.run({ args: ['init', '-q', '--bare', '-b', 'main', repoDir] });
  const index = { GIT_INDEX_FILE: join(repoDir, 'test-index') };
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
  for (const [path, text] of Object.entries(files)) {
    const blob = await git.text({ args: ['hash-object', '-w', '--stdin'], gitDir: repoDir, stdin: text });
    const args = ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`];
    await git.run({ args, gitDir: repoDir, env: index });
  }
  const tree = await git.text({ args: ['write-tree'], gitDir: repoDir, env: index });
  const made = await git.text({ args: ['commit-tree', tree, '-m', 'base'], gitDir: repoDir, env: who });
  await git.run({ args: ['update-ref', 'refs/heads/main', made], gitDir: repoDir });
  return made as GitOid;
}
