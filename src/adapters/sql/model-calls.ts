import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { CostSource, EndedCall, OpenCall, TokenUsage } from '#gateway/ports.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { SqlRow, Tx } from '#kernel/sql.ts';
import { conditions } from './conditions.ts';
import type { Statement } from './groups.ts';

const OPEN =
  'id, tenant, request, attempt, key, task, run, asked, provider, model, format, plan, rung, propensity_ppm, decision, ' +
  'block, bound_nano, max_output, rates, sheet, waited_ms, at';
// Both may be written twice: a thread that dies may have committed what it did not answer for.
const INSERT = `insert into model_call (${OPEN}) values (${OPEN.split(', ')
  .map((_, i) => `$${i + 1}`)
  .join(', ')}) on conflict (id) do nothing`;

const END = `update model_call set ended_at = $2, cost_nano = $3, source = $4, status = $5, input_tokens = $6, cache_read_tokens = $7,
       cache_write_tokens = $8, cache_write_hour_tokens = $9, output_tokens = $10, reasoning_tokens = $11, saved_nano = $12,
       upstream_request = $13
     where id = $1 and ended_at is null`;

const PROMPT = 'input_tokens + cache_read_tokens + cache_write_tokens + cache_write_hour_tokens';

/** Puts an attempt on record before it is made. */
export function modelCallOpened(call: OpenCall): Statement {
  const values = [
    call.id,
    call.tenant,
    call.request,
    call.attempt,
    call.key,
    call.task ?? null,
    call.run ?? null,
    call.asked,
    call.provider,
    call.model,
    call.format,
    call.plan,
    call.rung,
    Math.round(call.propensity * 1e6),
    call.decision,
    call.block,
    call.boundNano,
    call.maxOutput,
    call.ratesJson,
    call.sheet,
    call.waitedMs,
    call.at,
  ];
  return { text: INSERT, values };
}

/** Ends an attempt once. */
export function modelCallEnded(call: EndedCall): Statement {
  const { usage } = call;
  const values = [
    call.id,
    call.at,
    call.costNano,
    call.source,
    call.status,
    usage.input,
    usage.cacheRead,
    usage.cacheWrite,
    usage.cacheWriteHour,
    usage.output,
    usage.reasoning,
    call.savedNano,
    call.upstreamRequest,
  ];
  return { text: END, values };
}

/** An attempt that no living process will end. */
export interface UnendedCall {
  readonly id: string;
  readonly boundNano: NanoUsd;
}

export async function listUnendedCalls(tx: Tx, block: string): Promise<UnendedCall[]> {
  const rows = await tx.all<{ id: string; bound_nano: number }>(
    'select id, bound_nano from model_call where block = $1 and ended_at is null order by id',
    block,
  );
  return rows.map((row) => ({ id: row.id, boundNano: nanoUsd(row.bound_nano) }));
}

/** What the models of every run of a task cost so far, nano-dollars; a call under way counts by its bound. */
export async function costOfTask(tx: Tx, tenant: TenantId, task: TaskId): Promise<NanoUsd> {
  const [row] = await tx.all<{ cost: number }>(
    `select ${sumOf('coalesce(cost_nano, bound_nano)')} as cost from model_call
     where run in (select id from run where tenant = $1 and task = $2)`,
    tenant,
    task,
  );
  return nanoUsd(row?.cost ?? 0);
}

export async function costOfBlock(tx: Tx, block: string): Promise<NanoUsd> {
  const [row] = await tx.all<{ cost: number }>(
    'select coalesce(cast(sum(cost_nano) as bigint), 0) as cost from model_call where block = $1',
    block,
  );
  return nanoUsd(row?.cost ?? 0);
}

/**
 * A call that was charged at its bound, now at what the provider billed. Undefined when there is none, or when its hold
 * is still open.
 */
export async function changeModelCallReconciled(
  tx: Tx,
  id: string,
  nano: NanoUsd,
): Promise<{ readonly block: string; readonly lessNano: number } | undefined> {
  const [row] = await tx.all<{ block: string; cost_nano: number }>(
    `select block, cost_nano from model_call where id = $1 and source = 'bound' and cost_nano >= $2
       and not exists (select 1 from gateway_block b where b.key = model_call.block)`,
    id,
    nano,
  );
  if (row === undefined) return undefined;
  await tx.run(`update model_call set cost_nano = $2, source = 'reconciled' where id = $1`, id, nano);
  return { block: row.block, lessNano: row.cost_nano - nano };
}

/** Calls that were charged at their bound and whose hold is settled: what they really cost is not known yet. */
export async function listDoubtfulCalls(tx: Tx, before: Millis): Promise<readonly string[]> {
  const rows = await tx.all<{ id: string }>(
    `select id from model_call where source = 'bound' and ended_at < $1
       and not exists (select 1 from gateway_block b where b.key = model_call.block) order by id`,
    before,
  );
  return rows.map(({ id }) => id);
}

/** Calls of one model that ended in one way. */
export interface ModelTotal {
  readonly provider: string;
  readonly model: string;
  readonly source: CostSource | null;
  readonly calls: number;
  readonly costNano: number;
  readonly savedNano: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly waitedMs: number;
}

/** Of one tenant, or of all. */
export async function totalModelCalls(tx: Tx, tenant?: TenantId): Promise<ModelTotal[]> {
  const { text, values } = conditions({ 'tenant =': tenant });
  const rows = await tx.all<SqlRow>(
    `select provider, model, source, count(*) as calls, ${sumOf('coalesce(cost_nano, bound_nano)')} as cost,
       ${sumOf('saved_nano')} as saved, ${sumOf(PROMPT)} as input, ${sumOf('cache_read_tokens')} as cached,
       ${sumOf('output_tokens')} as output, ${sumOf('reasoning_tokens')} as reasoning, ${sumOf('waited_ms')} as waited
     from model_call where ${text} group by provider, model, source order by provider, model, source`,
    ...values,
  );
  return rows.map((row) => ({
    provider: String(row['provider']),
    model: String(row['model']),
    // The cast is true: the column is written from a value of this type.
    source: row['source'] as CostSource | null,
    calls: Number(row['calls']),
    costNano: Number(row['cost']),
    savedNano: Number(row['saved']),
    inputTokens: Number(row['input']),
    cachedTokens: Number(row['cached']),
    outputTokens: Number(row['output']),
    reasoningTokens: Number(row['reasoning']),
    waitedMs: Number(row['waited']),
  }));
}

/** What the calls of a run came to; those under way count with the most that they can cost. */
export interface RunCalls {
  readonly calls: number;
  /** Of them, those whose cost is not known yet. */
  readonly underWay: number;
  readonly costNano: NanoUsd;
  /** All tokens of the prompts, cached ones among them. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

export async function callsOfRun(tx: Tx, run: RunId): Promise<RunCalls> {
  const [row] = await tx.all<{
    calls: number;
    open: number;
    cost: number;
    input: number;
    cached: number;
    output: number;
  }>(
    `select count(*) as calls, ${sumOf('case when ended_at is null then 1 else 0 end')} as open, ${sumOf('coalesce(cost_nano, bound_nano)')} as cost,
       ${sumOf(PROMPT)} as input,
       ${sumOf('cache_read_tokens')} as cached,
       ${sumOf('output_tokens')} as output
     from model_call where run = $1`,
    run,
  );
  return {
    calls: row?.calls ?? 0,
    underWay: row?.open ?? 0,
    costNano: nanoUsd(row?.cost ?? 0),
    inputTokens: row?.input ?? 0,
    cachedTokens: row?.cached ?? 0,
    outputTokens: row?.output ?? 0,
  };
}

/** One call for people and programs. */
export interface ModelCall extends TokenUsage {
  readonly id: string;
  readonly request: string;
  readonly attempt: number;
  readonly tenant: TenantId;
  readonly run: RunId | null;
  readonly asked: string;
  readonly provider: string;
  readonly model: string;
  readonly plan: string;
  readonly rung: number;
  readonly propensity: number;
  readonly boundNano: NanoUsd;
  readonly costNano: NanoUsd | null;
  readonly source: CostSource | null;
  readonly status: number | null;
  readonly waitedMs: number;
  readonly at: Millis;
}

/** In the order in which they were made, one page: give the last id of a page as `after` for the next. */
export async function pageModelCalls(
  tx: Tx,
  page: { readonly tenant?: TenantId; readonly run?: RunId; readonly after?: string; readonly limit: number },
): Promise<ModelCall[]> {
  const { text, values } = conditions({ 'tenant =': page.tenant, 'run =': page.run, 'id >': page.after });
  const rows = await tx.all<SqlRow>(
    `select * from model_call where ${text} order by id limit $${values.length + 1}`,
    ...values,
    page.limit,
  );
  return rows.map(callOf);
}

function callOf(row: SqlRow): ModelCall {
  const number = (name: string): number => Number(row[name] ?? 0);
  const text = (name: string): string => String(row[name] ?? '');
  return {
    id: text('id'),
    request: text('request'),
    attempt: number('attempt'),
    // The casts are true: these columns are written from values of these types.
    tenant: text('tenant') as TenantId,
    run: (row['run'] ?? null) as RunId | null,
    asked: text('asked'),
    provider: text('provider'),
    model: text('model'),
    plan: text('plan'),
    rung: number('rung'),
    propensity: number('propensity_ppm') / 1e6,
    boundNano: nanoUsd(number('bound_nano')),
    costNano: row['cost_nano'] === null ? null : nanoUsd(number('cost_nano')),
    // The cast is true: the column is written from a value of this type.
    source: (row['source'] ?? null) as CostSource | null,
    status: row['status'] === null ? null : number('status'),
    waitedMs: number('waited_ms'),
    at: millis(number('at')),
    input: number('input_tokens'),
    cacheRead: number('cache_read_tokens'),
    cacheWrite: number('cache_write_tokens'),
    cacheWriteHour: number('cache_write_hour_tokens'),
    output: number('output_tokens'),
    reasoning: number('reasoning_tokens'),
  };
}

/** A sum of integers as an integer on both engines. */
function sumOf(term: string): string {
  return `coalesce(cast(sum(${term}) as bigint), 0)`;
}
