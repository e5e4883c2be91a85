import type { RunId } from '#domain/ids.ts';
import type { Hold, StepRecord } from '#journal/ports.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson } from './json-column.ts';

type Row = {
  readonly seq: number;
  readonly name: string;
  readonly state: StepRecord['state'];
  readonly result: string | null;
  readonly started_at: Millis;
  readonly finished_at: Millis | null;
};

function stepOf({ seq, name, state, result, started_at: startedAt, finished_at: finishedAt }: Row): StepRecord {
  return { seq, name, state, result: result === null ? null : fromJson(result), startedAt, finishedAt };
}

/** In the order in which they ran. */
export async function listSteps(tx: Tx, run: RunId): Promise<StepRecord[]> {
  const query = 'select seq, name, state, result, started_at, finished_at from step where run = $1 order by seq';
  return (await tx.all<Row>(query, run)).map(stepOf);
}

/** The results, as text, that finished steps have in runs that are not closed. `names` is a pattern of LIKE. */
export async function resultsInOpenRuns(tx: Tx, names: string): Promise<string[]> {
  const rows = await tx.all<{ result: string }>(
    `select step.result from run join step on step.run = run.id
     where run.state = 'open' and step.name like $1 and step.result is not null`,
    names,
  );
  return rows.map(({ result }) => result);
}

export async function startStep(
  tx: Tx,
  hold: Hold,
  step: { readonly seq: number; readonly name: string; readonly at: Millis },
): Promise<void> {
  await tx.run(
    `insert into step (run, seq, tenant, name, state, started_at) values ($1, $2, $3, $4, 'started', $5)`,
    hold.run,
    step.seq,
    hold.tenant,
    step.name,
    step.at,
  );
}

export async function resumeStep(
  tx: Tx,
  hold: Hold,
  step: { readonly seq: number; readonly at: Millis },
): Promise<void> {
  const text = `update step set started_at = $1 where run = $2 and seq = $3 and state = 'started'`;
  await tx.run(text, step.at, hold.run, step.seq);
}

/** Throws unless exactly this step was begun and not finished. */
export async function finishStep(
  tx: Tx,
  hold: Hold,
  step: { readonly seq: number; readonly result: string; readonly at: Millis },
): Promise<void> {
  const finished = await tx.run(
    `update step set state = 'finished', result = $1, finished_at = $2 where run = $3 and seq = $4 and state = 'started'`,
    sealed(hold.tenant, step.result),
    step.at,
    hold.run,
    step.seq,
  );
  if (finished !== 1) throw new Error(`step ${step.seq} of run ${hold.run} is not there to be finished`);
}
