import { SafeWorkspaceFiles } from '#adapters/files/index.ts';
import { type Chat, type ModelAccess, nativeRunner, type RunContext, type RunOutcome } from '#agents/index.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import { NO_MODEL } from '#domain/plan.ts';
import type { Task } from '#domain/task.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Random } from '#kernel/random.ts';

/** What the double of the providers says in one run, turn by turn. */
interface Turn {
  readonly calls: readonly { readonly name: string; readonly arguments: object }[];
}
export interface WeekRun {
  readonly contains: string;
  readonly turns: readonly Turn[];
}

const call = (name: string, args: object): Turn => ({ calls: [{ name, arguments: args }] });

/** Runs of the native agent as a week has them: it looks around, reads some files, edits, and finishes; 4 to 14 calls each. */
export function weekOf(random: Random, runs: number, paths: readonly string[]): readonly WeekRun[] {
  const pick = (): string => paths[random.integer(paths.length)] ?? '';
  return Array.from({ length: runs }, (_, i) => {
    const looks = Array.from({ length: 1 + random.integer(6) }, () => call('read', { path: pick() }));
    const searches = Array.from({ length: 1 + random.integer(3) }, () =>
      call('search', { pattern: `${i % 7}|import|export` }),
    );
    const edits = Array.from({ length: 1 + random.integer(3) }, (__, n) =>
      call('create', { path: `notes/${i}-${n}.md`, text: `# Note ${n} of task ${i}\n` }),
    );
    const end = call('finish', { kind: 'change', summary: `Task ${i} is done` });
    return {
      contains: `task number ${i} of the week.`,
      turns: [call('list', {}), ...searches, ...looks, ...edits, end],
    };
  });
}

/** Does one run with the real agent, its real tools and prompts; the steps of the journal are left out. */
export function play(run: WeekRun, folder: string, chat: Chat, access: ModelAccess): Promise<RunOutcome> {
  const signal = new AbortController().signal;
  const here = { commit: 'after' as GitOid, tree: 'after' as GitOid, seq: 1 };
  const context: RunContext = {
    task: {
      tenant: 'week',
      repo: 'week/repo',
      boundNano: nanoUsd(1e9),
      work: { kind: 'agent', name: 'native', prompt: `Do ${run.contains}` },
    } as Task,
    ordinal: 1,
    workspace: {
      run: run.contains as RunId,
      dir: folder,
      base: 'b' as GitOid,
      baseTree: 'b' as GitOid,
      sharedObjects: '',
    },
    environment: EMPTY_ENVIRONMENT,
    sandbox: {
      profile: { kind: 'process', network: 'open', filesystem: 'open', limits: [], warnings: [] },
      userOf: () => undefined,
      run: () => Promise.reject(new Error('this week runs no program')),
    },
    limits: { wallMs: 1, memoryBytes: 1, processes: 1, outputBytes: 1 },
    plan: NO_MODEL,
    rung: { index: 0, model: 'small' },
    plugins: { list: async () => [], call: () => Promise.reject(new Error('this week has no plugin')) },
    files: new SafeWorkspaceFiles(folder),
    testCommand: ['npm', 'test'],
    models: {
      access: async () => access,
      ask: (request) => chat.ask(access, request, signal),
      socket: () => Promise.reject(new Error('this week starts no agent')),
    },
    signal,
    elapsedMs: () => 0,
    pause: async () => undefined,
    changes: async () => 'files differ',
    home: async () => folder,
    furnish: async () => undefined,
    mayChange: async () => undefined,
    note: (_, find) => find(),
    think: async (name, work) => (await work(signal, name)).result,
    step: async (_, work) =>
      (await work(signal, { again: false, kept: false, remember: async () => undefined })).result,
    lastCheckpoint: () => here,
  };
  return nativeRunner({ steps: 40, wallMs: 1e9, outputBytes: 1e9, answerTokens: 4096 }).run(context);
}
