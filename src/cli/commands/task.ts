import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration } from '#kernel/duration.ts';
import type { ModelPlan } from '#domain/plan.ts';
import { type Task, TASK_STATES, type TaskState } from '#domain/task.ts';
import { openHouse } from '#app/open.ts';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { getTask, listTasksNewest, newsOf, taskDetails, taskDocument, waitForEnd } from '#app/views/task-view.ts';
import { taskTests } from '#app/views/task-tests.ts';
import { decisionLines } from '../decision-lines.ts';
import { askedLine, workLine } from '#app/tasks/card.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT, exitOfTask } from '../exit.ts';
import { reasonLines, table, tell } from '../io.ts';
import { moreLine, PAGE_FLAGS } from '../paging.ts';
import { me } from '../me.ts';
import { gatewayForRuns } from '#server/gateway/for-runs.ts';
import { testLines } from '../test-lines.ts';

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the task', parse: String, placeholder: 'ID' }] } as const;

interface ListFlags extends CommonFlags {
  readonly tenant?: string;
  readonly state?: TaskState;
  readonly limit: number;
  readonly before?: string;
}

function linesOf(tasks: readonly Task[]): string {
  if (tasks.length === 0) return 'No tasks. Submit one: maestro submit --help';
  const rows = tasks.map((task) => [
    task.id,
    task.tenant,
    task.repo,
    task.state,
    task.reasons.map(({ code }) => code).join(', '),
    workLine(task.work),
  ]);
  return table([['TASK', 'TENANT', 'REPOSITORY', 'STATE', 'WHY', 'WHAT'], ...rows]);
}

const list = buildCommand<ListFlags, [], Shell>({
  docs: docs('List tasks, newest first', 'maestro task list --state queued'),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Only of this tenant', optional: true, placeholder: 'T' },
      state: { kind: 'enum', values: TASK_STATES, brief: 'Only in this state', optional: true },
      ...PAGE_FLAGS,
    },
  },
  func: command(async ({ io }: Call, flags: ListFlags) => {
    await using house = await openHouse(flags);
    const { tenant, state, limit, before } = flags;
    const tasks = await listTasksNewest(house, {
      limit,
      ...(state === undefined ? {} : { states: [state] }),
      ...(tenant === undefined ? {} : { tenant: (await getTenant(house, tenant)).id }),
      ...(before === undefined ? {} : { before: (await getTask(house, before)).id }),
    });
    const documents = [];
    for (const task of tasks) documents.push(await taskDocument(house, task));
    tell(io, documents, () => linesOf(tasks) + moreLine(tasks, limit, 'task'));
    return EXIT.done;
  }),
});

const show = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Show a task: state, why it waits, runs, steps, cost, card', 'maestro task show task_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const task = await getTask(house, id);
    const details = await taskDetails(house, task);
    tell(io, details, () => {
      const steps = details.runs.flatMap(({ run, steps: rows }) =>
        rows.map(({ name, state, ms }) => [run, name, state, formatDuration(ms)]),
      );
      return [
        linesOf([task]),
        details.waitsFor === '' ? '' : `waits: ${details.waitsFor}`,
        details.plan === null ? '' : planLine(details.plan),
        reasonLines(task.reasons),
        table([['RUN', 'STEP', 'STATE', 'TIME'], ...steps]),
        ...details.decisions.map(decisionLines),
        details.card ?? '',
      ]
        .filter((part) => part !== '')
        .join('\n\n');
    });
    return EXIT.done;
  }),
});

function planLine(plan: ModelPlan): string {
  const asked = askedLine(plan);
  return [`models: ${plan.rungs.join(', then ')}`, ...(asked === undefined ? [] : [`asked for ${asked}`])].join('\n');
}

interface TestsFlags extends CommonFlags {
  readonly output: boolean;
}

const tests = buildCommand<TestsFlags, [id: string], Shell>({
  docs: docs(
    'Show the test runs of a task and what they printed when they did not pass',
    'maestro task tests task_01',
    'On the base, on the change and on what would land; newest last.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      output: { kind: 'boolean', brief: 'All that is kept of what they printed', default: false, withNegated: false },
    },
    positional: ID,
  },
  func: command(async ({ io }: Call, flags: TestsFlags, id: string) => {
    await using house = await openHouse(flags);
    const task = await getTask(house, id);
    const found = await taskTests(house, task, flags.output ? 'all' : 'failed');
    tell(io, [...found], () => testLines(found, task.id, flags.output));
    return EXIT.done;
  }),
});

const watch = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Follow a task until it ends', 'maestro task watch task_01', 'With --json one event a line.'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io, signal }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    await using _gateway = gatewayForRuns(house); // who watches works too
    const task = await getTask(house, id);
    let after = 0;
    const news = async (): Promise<void> => {
      for (const event of await newsOf(house, task, after)) {
        after = event.seq;
        const step = typeof event.data.step === 'string' ? ` ${event.data.step}` : '';
        io.out(io.json ? `${JSON.stringify(event)}\n` : `${event.type}${step}\n`);
      }
    };
    const ended = await waitForEnd(house, task, { signal, each: news });
    return exitOfTask(ended.state);
  }),
});

const cancelCommand = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Cancel a task that has not ended and whose branch has not been moved', 'maestro task cancel task_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const task = await cancel(house, await getTask(house, id), me(house));
    tell(io, await taskDocument(house, task), () => `task ${task.id}: ${task.state}`);
    return EXIT.done;
  }),
});

const retryCommand = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Try a task again that failed, was denied or cancelled', 'maestro task retry task_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const task = await retry(house, await getTask(house, id), me(house));
    tell(io, await taskDocument(house, task), () => `task ${task.id}: ${task.state}\n${reasonLines(task.reasons)}`);
    return task.state === 'queued' ? EXIT.done : EXIT.refused;
  }),
});

export const taskRoutes = buildRouteMap({
  docs: { brief: 'The tasks: where they stand and why' },
  routes: { list, show, tests, watch, cancel: cancelCommand, retry: retryCommand },
});
