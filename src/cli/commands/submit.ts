import { buildCommand } from '@stricli/core';
import { formatUsd, usd } from '#kernel/money.ts';
import type { Priority, Work } from '#domain/task.ts';
import { AppError } from '#app/fault.ts';
import { openHouse } from '#app/open.ts';
import { getRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { taskDocument, waitForEnd } from '#app/views/task-view.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { gatewayForRuns } from '#server/gateway/for-runs.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT, exitOfTask } from '../exit.ts';
import { reasonLines, tell } from '../io.ts';
import { me } from '../me.ts';

interface SubmitFlags extends CommonFlags {
  readonly tenant: string;
  readonly repo: string;
  readonly recipe?: string;
  readonly param?: readonly string[];
  readonly agent?: string;
  readonly prompt?: string;
  readonly model?: string;
  readonly priority: Priority;
  readonly key?: string;
  readonly maxUsd?: number;
  readonly needs?: readonly string[];
  readonly wait: boolean;
}

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, placeholder }) as const;

export const submitCommand = buildCommand<SubmitFlags, [], Shell>({
  docs: docs(
    'Submit a task',
    'maestro submit --tenant atlas --repo storefront --recipe rename-api --param from=priceOf --param to=unitPrice --wait',
    'With --wait the command works on the queue itself until the task has ended, unless workers do already.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Tenant', placeholder: 'T' },
      repo: { kind: 'parsed', parse: String, brief: 'Repository of the tenant', placeholder: 'R' },
      recipe: text('Recipe: needs no model (see `maestro recipes`)', 'NAME'),
      param: {
        kind: 'parsed',
        parse: String,
        brief: 'Parameter of the recipe',
        variadic: true,
        optional: true,
        placeholder: 'k=v',
      },
      agent: text('Agent, with --prompt', 'NAME'),
      prompt: text('What the agent is asked to do', 'TEXT'),
      model: text('Model that the agent starts with (see `maestro gateway models`)', 'NAME'),
      priority: { kind: 'enum', values: ['hi', 'lo'], brief: 'Before or behind the rest of its tenant', default: 'lo' },
      key: text('Submitting twice with one key is the same as once', 'K'),
      maxUsd: { kind: 'parsed', parse: Number, brief: 'Most that one run may cost', optional: true, placeholder: 'X' },
      needs: {
        kind: 'parsed',
        parse: String,
        brief: 'Label that a worker must have to run it',
        variadic: true,
        optional: true,
        placeholder: 'name=value',
      },
      wait: { kind: 'boolean', brief: 'Wait for its end', default: false, withNegated: false },
    },
  },
  func: command(async ({ io, signal }: Call, flags: SubmitFlags) => {
    await using house = await openHouse(flags);
    await using _gateway = gatewayForRuns(house);
    const tenant = await getTenant(house, flags.tenant);
    const repo = await getRepo(house, tenant, flags.repo);
    const submission = {
      tenant,
      repo,
      work: workOf(flags),
      priority: flags.priority,
      by: me(house),
      ...(flags.key === undefined ? {} : { key: flags.key }),
      ...(flags.needs === undefined ? {} : { needs: flags.needs }),
      ...(flags.maxUsd === undefined ? {} : { maxNano: usd(flags.maxUsd) }),
    };
    const submitted = await submit(house, submission);
    if (flags.wait) io.err(`task ${submitted.id}: ${submitted.state}\n`);
    const note = (line: string): void => io.err(`${line}\n`);
    const task = flags.wait ? await waitForEnd(house, submitted, { signal, note }) : submitted;
    const document = await taskDocument(house, task);
    tell(io, document, () => {
      const lines = [`task ${task.id}: ${task.state}`];
      if (task.reasons.length > 0) lines.push(reasonLines(task.reasons));
      if (task.state === 'queued')
        lines.push(`  holds ${formatUsd(task.boundNano)}; watch it: maestro task watch ${task.id}`);
      if (document.change !== null) lines.push(`  change: maestro change show ${String(document.change)}`);
      if (document.evidence !== null) lines.push(`  evidence: maestro evidence show ${task.id}`);
      return lines.join('\n');
    });
    return flags.wait || task.state === 'denied' || task.state === 'deferred' ? exitOfTask(task.state) : EXIT.done;
  }),
});

function workOf(flags: SubmitFlags): Work {
  if (flags.recipe !== undefined && flags.agent === undefined) {
    if (flags.model !== undefined) throw new AppError('WORK_INVALID', 'a recipe needs no model: leave --model out');
    return { kind: 'recipe', name: flags.recipe, params: Object.fromEntries((flags.param ?? []).map(pair)) };
  }
  if (flags.agent !== undefined && flags.recipe === undefined && flags.prompt !== undefined) {
    const model = flags.model === undefined ? {} : { model: flags.model };
    return { kind: 'agent', name: flags.agent, prompt: flags.prompt, ...model };
  }
  throw new AppError('WORK_INVALID', 'a task has either --recipe with its --param, or --agent with --prompt');
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new AppError('WORK_INVALID', `--param ${text} is not of the form name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
