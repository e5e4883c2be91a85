import type { Clock, Millis } from '#kernel/clock.ts';
import { sealed, type Sql } from '#kernel/sql.ts';
import type { TenantId } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { ActionCache } from '#exec/ports.ts';

/** Test reports in SQL. A first result stays: equal actions have equal results. */
export class SqlActionCache implements ActionCache {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(options: { sql: Sql; clock: Clock }) {
    this.#sql = options.sql;
    this.#clock = options.clock;
  }

  async get(tenant: TenantId, actionDigest: string): Promise<TestReport | undefined> {
    const text = 'select report from action_result where tenant = $1 and digest = $2';
    const [row] = await this.#sql.all<{ report: string }>(text, tenant, actionDigest);
    // The cast is true: only `put` writes these rows.
    return row === undefined ? undefined : (JSON.parse(row.report) as TestReport);
  }

  /** Forgets the results recorded before then; equal actions run again. Gives how many went. */
  async evict(before: Millis): Promise<number> {
    return this.#sql.run('delete from action_result where at < $1', before);
  }

  async put(tenant: TenantId, report: TestReport): Promise<void> {
    if (report.outcome === 'unknown') throw new TypeError('an unknown outcome is no result');
    await this.#sql.run(
      `insert into action_result (tenant, digest, report, at) values ($1, $2, $3, $4)
       on conflict (tenant, digest) do nothing`,
      tenant,
      report.actionDigest,
      sealed(tenant, JSON.stringify(report)),
      this.#clock.now(),
    );
  }
}
