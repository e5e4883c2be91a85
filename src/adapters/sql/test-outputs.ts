import type { Clock, Millis } from '#kernel/clock.ts';
import { sealed, type Sql } from '#kernel/sql.ts';
import type { TenantId } from '#domain/ids.ts';
import type { TestAttempt, TestOutput } from '#domain/test-report.ts';
import type { TestOutputs } from '#exec/ports.ts';
import { fromJson, toJson } from './json-column.ts';

/** What attempts printed, in SQL. The same again stays as it is and is as new. */
export class SqlTestOutputs implements TestOutputs {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(options: { sql: Sql; clock: Clock }) {
    this.#sql = options.sql;
    this.#clock = options.clock;
  }

  async keep(
    tenant: TenantId,
    { outputDigest, outcome }: TestAttempt,
    { whole, ...streams }: TestOutput,
  ): Promise<void> {
    await this.#sql.run(
      `insert into test_output (tenant, digest, outcome, at, whole, output) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant, digest, outcome) do update set at = excluded.at`,
      tenant,
      outputDigest,
      outcome,
      this.#clock.now(),
      whole ? 1 : 0,
      sealed(tenant, toJson(streams)),
    );
  }

  async renew(tenant: TenantId, { outputDigest, outcome }: TestAttempt): Promise<void> {
    const text = 'update test_output set at = $4 where tenant = $1 and digest = $2 and outcome = $3';
    await this.#sql.run(text, tenant, outputDigest, outcome, this.#clock.now());
  }

  /** Undefined when it is kept no more, or is of another tenant. */
  async find(tenant: TenantId, { outputDigest, outcome }: TestAttempt): Promise<TestOutput | undefined> {
    const text = 'select output, whole from test_output where tenant = $1 and digest = $2 and outcome = $3';
    const [row] = await this.#sql.all<{ output: string; whole: number }>(text, tenant, outputDigest, outcome);
    return row && { ...fromJson<Omit<TestOutput, 'whole'>>(row.output), whole: row.whole === 1 };
  }

  /** Forgets what nobody has needed since then; gives how many went. */
  async evict(before: Millis): Promise<number> {
    return this.#sql.run('delete from test_output where at < $1', before);
  }
}
