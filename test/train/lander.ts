// A worker process for landing.test.ts: lands the changes that it is given at once, or dies where it is told to.
import { deleteLandingPlace, journalStore, SqlLandingLine } from '#adapters/sql/index.ts';
import type { ChangeId } from '#domain/ids.ts';
import { Journal } from '#journal/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { systemRandom } from '#kernel/random.ts';
import { landChange } from '#train/index.ts';
import type { LandingLine } from '#train/ports.ts';
import { openPlace } from '../git/place.ts';
import { landParts } from './line.ts';

/** What the test tells a worker, as JSON in its first argument. */
export interface Orders {
  readonly dataDir: string;
  readonly owner: string;
  readonly changes: readonly ChangeId[];
  readonly maxRounds: number;
  /** Depth of the landing line; 0: every landing for itself. */
  readonly depth: number;
  /** How long a worker holds a landing without a sign of life, ms: short where it is to be lost. */
  readonly leaseMs: number;
  /** Whether each change begins only when the one before it stands in the line. */
  readonly inOrder: boolean;
  readonly die?: { readonly step: string; readonly phase: string };
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const clock = systemClock;
const place = await openPlace(orders.dataDir);
const parts = await landParts(place);
const journal = new Journal({
  sql: place.store.truth,
  store: journalStore,
  clock,
  log: { log: () => undefined },
  ids: new Ids({ clock, random: systemRandom }),
  faults: {
    at: ({ step, phase }) => {
      if (step === orders.die?.step && phase === orders.die.phase) process.kill(process.pid, 'SIGKILL');
    },
  },
});

async function land(id: ChangeId, joined: () => void): Promise<void> {
  const change = await place.forge.find(id);
  if (change === undefined) throw new Error(`no change ${id}`);
  const request = {
    tenant: change.tenant,
    task: change.task,
    owner: orders.owner,
    leaseMs: orders.leaseMs,
    begin: async () => true,
  };
  let run = await journal.open(request);
  for (; run === undefined; run = await journal.open(request)) await clock.sleep(50);

  const held = run;
  const job = { change, repoDir: place.repoDir(change.repo), branch: 'main', maxRounds: orders.maxRounds };
  const places = new SqlLandingLine({
    sql: place.store.truth,
    clock,
    depth: orders.depth,
    landing: { change: id, tenant: change.tenant, repo: change.repo, branch: 'main', run: held.record.id },
    write: (body) => held.write(body),
  });
  const line: LandingLine = {
    depth: places.depth,
    put: async (found) => {
      await places.put(found);
      joined();
    },
    places: async () => places.places(),
  };
  const end = await landChange({ ...parts, ...(orders.depth > 0 ? { line } : {}) }, job, (name, effect) =>
    held.step({ name, effect: ({ signal }) => effect(signal) }),
  );
  await held.close(async (tx) => {
    await deleteLandingPlace(tx, id);
    if (end.kind === 'landed') await place.forge.setState(tx, id, 'landed', { landedCommit: end.landedCommit });
    else await place.forge.setState(tx, id, 'needs_human', { asks: end.reasons });
  });
  process.stdout.write(`${JSON.stringify({ id, end })}\n`);
}

const landings: Promise<void>[] = [];
for (const change of orders.changes) {
  const inLine = Promise.withResolvers<void>();
  landings.push(land(change, inLine.resolve));
  if (orders.inOrder) await inLine.promise;
}
await Promise.all(landings);
await place.store.close();
