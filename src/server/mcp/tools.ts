import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { isMaestroError } from '#kernel/error.ts';
import type { Json } from '#kernel/json.ts';
import { usd } from '#kernel/money.ts';
import { cardAsText } from '#evidence/index.ts';
import type { Principal } from '#domain/action.ts';
import type { Tenant } from '#domain/tenant.ts';
import { evidenceView } from '#app/views/evidence-files.ts';
import type { House } from '#app/open.ts';
import { Refusal } from '#app/perform.ts';
import { pluginHost } from '#app/plugin/call.ts';
import { getRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { taskTests } from '#app/views/task-tests.ts';
import { getTask, listTasksNewest, taskDocument } from '#app/views/task-view.ts';

/** An assistant is told the end of each stream, since all of it goes into its prompt. */
const TOLD_CHARACTERS = 4000;

/** For whom an assistant acts: one tenant, in the name of whoever started the server. */
export interface McpCaller {
  readonly tenant: Tenant;
  readonly by: Principal;
}

const submitSchema = z.strictObject({
  repo: z.string().describe('Repository of the tenant'),
  recipe: z.string().optional().describe('Recipe, which needs no model; with params'),
  params: z.record(z.string(), z.string()).optional(),
  agent: z.string().optional().describe('Agent, such as native; with prompt'),
  prompt: z.string().optional().describe('What the agent is asked to do'),
  model: z.string().optional().describe('Model that the agent starts with; the cheapest one of the ladder without'),
  priority: z.enum(['hi', 'lo']).default('lo'),
  key: z.string().optional().describe('Submitting twice with one key is the same as once'),
  maxUsd: z.number().positive().optional().describe('Most that one run may cost'),
  needs: z.array(z.string()).optional().describe('Labels that the worker must have, such as gpu=true'),
});
const taskSchema = z.strictObject({ task: z.string().describe('Id of the task') });
const statusSchema = z.strictObject({
  task: z.string().optional().describe('Id of the task; the newest ones without'),
});

type Answer = { readonly content: { type: 'text'; text: string }[]; readonly isError?: boolean };

/** The conductor as tools of an assistant: submit, status, tests, evidence, and the plugins that the tenant was granted. */
export async function mcpServer(house: House, caller: McpCaller): Promise<McpServer> {
  const server = new McpServer({ name: 'maestro-conductor', version: house.version });
  const add = <S extends z.ZodType>(
    name: string,
    about: { readonly description: string; readonly inputSchema: S; readonly readOnly: boolean },
    act: (args: z.output<S>) => Promise<Json>,
  ): void => {
    const { description, inputSchema, readOnly } = about;
    const config = { description, inputSchema, annotations: { readOnlyHint: readOnly, openWorldHint: false } };
    // The cast is true: the server has read the arguments by this schema.
    server.registerTool(name, config as never, ((args: z.output<S>) => answered(() => act(args))) as never);
  };
  add(
    'submit',
    {
      description: `Submits a task of tenant ${caller.tenant.id}: a recipe, or an agent with a prompt. It is queued, deferred or denied with reasons; what it changes lands only when its tests pass.`,
      inputSchema: submitSchema,
      readOnly: false,
    },
    (args) => submitted(house, caller, args),
  );
  add(
    'status',
    {
      description: 'State, reasons, cost and change of a task, or of the newest tasks.',
      inputSchema: statusSchema,
      readOnly: true,
    },
    (args) => status(house, caller, args.task),
  );
  add(
    'evidence',
    {
      description: 'The Decision Card of a task that has ended, and the signed statements about it.',
      inputSchema: taskSchema,
      readOnly: true,
    },
    (args) => evidence(house, caller, args.task),
  );
  add(
    'tests',
    {
      description:
        'Every test run of a task (base, change, landing) with the end of what it printed where it did not pass.',
      inputSchema: taskSchema,
      readOnly: true,
    },
    (args) => tests(house, caller, args.task),
  );
  await addPlugins(server, house, caller);
  return server;
}

async function addPlugins(server: McpServer, house: House, { tenant, by }: McpCaller): Promise<void> {
  const host = pluginHost(house, { tenant, principal: by });
  for (const { id, version, summary, input } of await host.list()) {
    const config = {
      description: `Plugin ${id} ${version}${summary === '' ? '' : `: ${summary}`} It sees no files.`,
      inputSchema: fromJsonSchema({ ...input, type: 'object' }),
      annotations: { openWorldHint: false },
    };
    server.registerTool(
      `plugin_${id.replaceAll(/[^\w-]/g, '_')}`,
      // The cast is true: the plugin judges its input itself, and the library's types want the schema's own.
      config as never,
      // The cast is true for the same reason.
      (async (given: Json) =>
        answered(async () => {
          const result = await host.call({ id, input: given, workspace: null }, AbortSignal.timeout(60_000));
          return result.ok ? result.output : { code: result.code, reasons: result.reasons };
        })) as never,
    );
  }
}

async function submitted(house: House, { tenant, by }: McpCaller, args: z.output<typeof submitSchema>): Promise<Json> {
  const { repo, recipe, params = {}, agent, prompt = '', model, priority, key, maxUsd, needs } = args;
  if ((recipe === undefined) === (agent === undefined)) return { error: 'give either a recipe or an agent' };
  if (recipe !== undefined && model !== undefined) return { error: 'a recipe needs no model: leave model out' };
  const task = await submit(house, {
    tenant,
    repo: await getRepo(house, tenant, repo),
    work:
      recipe === undefined
        ? { kind: 'agent', name: agent ?? '', prompt, ...(model === undefined ? {} : { model }) }
        : { kind: 'recipe', name: recipe, params },
    priority,
    by,
    ...(key === undefined ? {} : { key }),
    ...(maxUsd === undefined ? {} : { maxNano: usd(maxUsd) }),
    ...(needs === undefined ? {} : { needs }),
  });
  return taskDocument(house, task);
}

async function status(house: House, caller: McpCaller, id: string | undefined): Promise<Json> {
  if (id !== undefined) return taskDocument(house, await ownTask(house, caller, id));
  const newest = await listTasksNewest(house, { tenant: caller.tenant.id, limit: 20 });
  return newest.map(({ id: task, state, repo, reasons }) => ({ task, state, repo, reasons }));
}

async function evidence(house: House, caller: McpCaller, id: string): Promise<Json> {
  const view = await evidenceView(house, await ownTask(house, caller, id));
  return { card: cardAsText(view.card), statements: view.statements.map((each) => ({ ...each })) };
}

async function tests(house: House, caller: McpCaller, id: string): Promise<Json> {
  const found = await taskTests(house, await ownTask(house, caller, id), 'failed');
  const short = (text: string): string => text.slice(-TOLD_CHARACTERS).toWellFormed();
  return found.map(({ step, tested, command, outcome, flaky, passed, reasons, attempts }) => ({
    ...{ step, tested, command, outcome, flaky, passed, reasons },
    attempts: attempts.map(({ outcome: ended, exitCode, output }) => ({
      ...{ outcome: ended, exitCode },
      ...(output === null ? {} : { stdout: short(output.stdout), stderr: short(output.stderr) }),
    })),
  }));
}

/** Tasks of other tenants are not there. */
async function ownTask(house: House, { tenant }: McpCaller, id: string): ReturnType<typeof getTask> {
  const task = await getTask(house, id);
  return task.tenant === tenant.id ? task : getTask(house, `${id} of tenant ${tenant.id}`);
}

/** A refusal or fault is an answer that the assistant can act on. */
async function answered(act: () => Promise<Json>): Promise<Answer> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(await act(), null, 2) }] };
  } catch (error) {
    if (!isMaestroError(error) && !(error instanceof Refusal)) throw error;
    const told = isMaestroError(error)
      ? { code: error.code, message: error.message, cure: error.cure }
      : { state: 'denied', reasons: error.reasons };
    return { content: [{ type: 'text', text: JSON.stringify(told, null, 2) }], isError: true };
  }
}
