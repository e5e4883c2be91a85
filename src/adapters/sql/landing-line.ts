import type { ChangeId, RepoId, RunId, TenantId } from '#domain/ids.ts';
import type { Clock, Millis } from '#kernel/clock.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import type { LandingLine, Place } from '#train/ports.ts';

/** Whose place it is. */
export interface Landing {
  readonly change: ChangeId;
  readonly tenant: TenantId;
  readonly repo: RepoId;
  readonly branch: string;
  readonly run: RunId;
}

const HELD = `exists (select 1 from run where run.id = landing_line.run and run.state = 'open' and run.lease_until > $1)`;

/** Keeps the place of the change and says how it stands; gives it the last one when it has none. */
async function putLandingPlace(
  tx: Tx,
  { change, tenant, repo, branch, run }: Landing,
  { base, tip }: Pick<Place, 'base' | 'tip'>,
): Promise<void> {
  await tx.run(
    `insert into landing_line (change, tenant, repo, branch, run, place, base, tip)
     values ($1, $2, $3, $4, $5,
       (select coalesce(max(place), 0) + 1 from landing_line where repo = $3 and branch = $4), $6, $7)
     on conflict (change) do update set run = excluded.run, base = excluded.base, tip = excluded.tip`,
    change,
    tenant,
    repo,
    branch,
    run,
    base,
    tip,
  );
}

/** Those whose run is held, first to land first. */
export async function landingPlaces(
  tx: Tx,
  { repo, branch }: Pick<Landing, 'repo' | 'branch'>,
  now: Millis,
): Promise<Place[]> {
  return tx.all<Place & { [column: string]: string | null }>(
    `select change, base, tip from landing_line where repo = $2 and branch = $3 and ${HELD} order by place, change`,
    now,
    repo,
    branch,
  );
}

export async function deleteLandingPlace(tx: Tx, change: ChangeId): Promise<void> {
  await tx.run('delete from landing_line where change = $1', change);
}

/** Removes those whose run nobody holds; a run that is carried on later takes a place anew. Gives how many. */
export async function deleteLostPlaces(tx: Tx, now: Millis): Promise<number> {
  return tx.run(`delete from landing_line where not ${HELD}`, now);
}

/** The line of a branch as one landing stands in it. */
export class SqlLandingLine implements LandingLine {
  readonly depth: number;
  readonly #options: SqlLandingLineOptions;

  constructor(options: SqlLandingLineOptions) {
    this.depth = options.depth;
    this.#options = options;
  }

  put(standing: Pick<Place, 'base' | 'tip'>): Promise<void> {
    const { write, landing } = this.#options;
    return write((tx) => putLandingPlace(tx, landing, standing));
  }

  places(): Promise<readonly Place[]> {
    const { sql, landing, clock } = this.#options;
    return landingPlaces(sql, landing, clock.now());
  }
}

export interface SqlLandingLineOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly depth: number;
  readonly landing: Landing;
  /** Commits only while the landing's run is held. */
  readonly write: (body: (tx: Tx) => Promise<void>) => Promise<void>;
}
