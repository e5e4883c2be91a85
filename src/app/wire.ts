import { delimiter, dirname, join } from 'node:path';
import { systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { jsonLog } from '#kernel/log.ts';
import { nanoUsd } from '#kernel/money.ts';
import { systemRandom } from '#kernel/random.ts';
import { slotMs } from '#kernel/virtual-time.ts';
import { slotCost } from '#domain/usage.ts';
import type { GitOid, RepoId } from '#domain/ids.ts';
import { environmentsIn } from '#adapters/environment/index.ts';
import {
  addRepository,
  GitObjectStore,
  gitOn,
  GitTrees,
  gitWorkspaces,
  LocalForge,
  repoDirIn,
} from '#adapters/git/index.ts';
import { openKey } from '#adapters/keys/index.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import {
  evidenceLog,
  evidenceStatements,
  journalStore,
  openStore,
  SqlActionCache,
  SqlChangeStore,
  SqlFairQueue,
  SqlLedger,
  type Store,
} from '#adapters/sql/index.ts';
import { recipeRunner } from '#agents/index.ts';
import { EvidenceBook, patchArguments, TransparencyLog } from '#evidence/index.ts';
import { verifyTree } from '#exec/index.ts';
import { Journal } from '#journal/index.ts';
import type { Config } from './config.ts';
import { AppError } from './fault.ts';
import { killAt } from './faults.ts';
import { gitServer, gitToken } from './git-access.ts';
import type { House } from './house.ts';
import { recipeCommand } from './recipe-command.ts';
import { noResolver } from './no-resolver.ts';
import { noPlugins } from './no-plugins.ts';
import { policyEngine } from './policy-engine.ts';
import { SYSTEM } from './principals.ts';

/** What a charge at dispatch is, until the actual time is known; small against any task. */
const CLAIM_ESTIMATE_MS = 100;

/** What only the process that starts knows. */
export interface Surroundings {
  readonly config: Config;
  readonly version: string;
  /** Account name, `PATH` and home folder of the process. */
  readonly account: string;
  readonly searchPath: string;
  readonly home: string;
  readonly host: string;
  readonly pid: number;
  /** Writes one line of the log. */
  writeLog(line: string): void;
}

/** Builds every part of the system and plugs them together: the only place that does. */
export async function wire(around: Surroundings): Promise<House & AsyncDisposable> {
  const { settings } = around.config;
  const clock = systemClock;
  const random = systemRandom;
  const ids = new Ids({ clock, random });
  const log = jsonLog({ clock, write: around.writeLog, least: settings['log.level'] });
  const { dataDir } = settings;
  const node = process.execPath;
  const searchPath = [dirname(node), around.searchPath].join(delimiter);

  const policy = await policyEngine(settings);
  const store = await openStore(storeLocation(around.config));
  const queue = new SqlFairQueue({ sql: store.queue, clock, estimate: slotMs(CLAIM_ESTIMATE_MS) });
  const ledger = new SqlLedger({ clock });
  const journal = new Journal({
    sql: store.truth,
    store: journalStore,
    clock,
    ids,
    log,
    faults: killAt(settings['test.killAt']),
  });

  const place = { searchPath, home: around.home };
  const git = gitOn(place);
  const objects = new GitObjectStore({ git });
  const repoDir = (repo: RepoId): string => repoDirIn(dataDir, repo);
  const changes = new SqlChangeStore({ sql: store.truth });
  const forge = new LocalForge({ git, objects, changes, repoDir, ids, clock });

  const sandbox = await sandboxOf(around.config, { clock, random, node, searchPath });
  const userOf = (ordinal: number): number | undefined => sandbox.userOf(ordinal);
  const trees = new GitTrees({ git, root: join(dataDir, 'work', 'trees'), userOf });
  const workspaces = gitWorkspaces({ git, clock, root: join(dataDir, 'work', 'runs'), userOf });
  const limits = {
    wallMs: settings['sandbox.wall'],
    memoryBytes: settings['sandbox.memory'],
    processes: settings['sandbox.processes'],
    outputBytes: settings['sandbox.output'],
  };
  const environments = environmentsIn({
    dataDir,
    clock,
    git,
    node,
    searchPath,
    allow: settings['egress.allow'],
    sandbox,
  });
  const cache = new SqlActionCache({ sql: store.truth, clock });
  const verifyParts = { files: objects, trees, cache, sandbox, limits, nodeVersion: process.version };

  const keys = join(dataDir, 'keys');
  const signer = await openKey({ dir: keys, name: 'signer', algorithm: 'ed25519', random });
  const logSigner = await openKey({ dir: keys, name: 'log', algorithm: 'ed25519', random });
  const access = await openKey({ dir: keys, name: 'access', algorithm: 'ed25519', random });
  const token = await gitToken(access);
  const transparencyLog = new TransparencyLog({ store: evidenceLog, signer: logSigner, clock });
  const evidence = new EvidenceBook({ signer, log: transparencyLog, statements: evidenceStatements });

  const disk = {
    low: (): Promise<boolean> => Promise.resolve(store.space().low),
    admit: async (): Promise<void> => {
      const { low, freeBytes } = store.space();
      if (low)
        throw new AppError('DISK_LOW', `only ${freeBytes ?? 'an unknown number of'} bytes are free at ${dataDir}`);
    },
  };

  const house: House = {
    dataDir,
    clock,
    ids,
    log,
    store,
    queue,
    ledger,
    journal,
    git,
    objects,
    forge,
    resolver: noResolver,
    sandbox,
    limits,
    environments,
    workspaces,
    signer,
    evidence,
    disk,
    repoDir,
    policy: policy.engine,
    worker: {
      owner: `${around.host}:${around.pid}:${ids.next('w')}`,
      region: settings['worker.region'],
      dataClass: settings['worker.dataClass'],
    },
    verify: { test: (request, signal) => verifyTree(verifyParts, request, signal) },
    runners: new Map([['recipe', recipeRunner(recipeCommand())]]),
    imports: { add: (request) => addRepository({ git, dataDir, roots: 'any' }, request) },
    patch: async (repo: RepoId, from: GitOid, to: GitOid) =>
      (await git.run({ gitDir: repoDir(repo), args: patchArguments(from, to) })).stdout,
    plugins: noPlugins,
    gitHttp: gitServer({ place, forge, log, token, user: settings.user ?? around.account, repoDir }),
    gitToken: token,
    enqueue: (task) =>
      queue.enqueue({ id: task.id, tenant: task.tenant, priority: task.priority, readyAt: task.submittedAt }),
    system: SYSTEM,
    user: settings.user ?? around.account,
    version: around.version,
    tenantDefaults: {
      weight: settings['tenant.weight'],
      budgetNano: settings['tenant.budgetUsd'],
      budgetPeriod: settings['tenant.period'],
      slo: settings['tenant.slo'],
      startWithinMs: settings['tenant.startWithin'],
      regions: settings['tenant.regions'],
      dataClass: settings['tenant.dataClass'],
      policy: {},
    },
    hiReserve: settings['budget.hiReserve'],
    remindEveryMs: settings['inbox.remindEvery'],
    bounds: {
      recipeNano: slotCost(settings['run.wall'], settings['cost.slotUsdPerHour']),
      agentNano: settings['budget.taskUsd'],
    },
    http: { host: settings['http.host'], port: settings['http.port'] },
    workers: settings.workers,
    slotNanoPerHour: settings['cost.slotUsdPerHour'],
    leaseMs: settings.lease,
    engines: { ...enginesOf(around.config, sandbox.profile), policy: policy.says },
  };
  await prepareScopes(store, house);
  return Object.assign(house, { [Symbol.asyncDispose]: () => store.close() });
}

function storeLocation({ settings }: Config): Parameters<typeof openStore>[0] {
  const url = settings['engine.postgresUrl'];
  if (settings['engine.store'] === 'postgres' && url !== undefined) return { engine: 'postgres', url };
  const lowBytes = settings['disk.reserve'];
  const bytes = Math.min(32 * 2 ** 20, Math.floor(lowBytes / 2));
  return { engine: 'sqlite', path: join(settings.dataDir, 'maestro.db'), reserve: { bytes, lowBytes } };
}

async function sandboxOf(
  { settings }: Config,
  parts: Omit<Parameters<typeof detectSandbox>[0], 'prefer'>,
): Promise<House['sandbox']> {
  const mode = settings['sandbox.mode'];
  const sandbox = await detectSandbox({ ...parts, prefer: mode === 'process' ? 'process' : 'auto' });
  const must = mode === 'bubblewrap' || mode === 'require';
  if (must && sandbox.profile.kind !== 'bubblewrap') {
    throw new AppError('SANDBOX_REQUIRED', `sandbox.mode is ${mode}: ${sandbox.profile.warnings.join('; ')}`);
  }
  return sandbox;
}

function enginesOf({ settings }: Config, profile: House['sandbox']['profile']): House['engines'] {
  const store = settings['engine.store'] === 'postgres' ? 'Postgres' : `SQLite ${join(settings.dataDir, 'maestro.db')}`;
  return {
    store,
    queue: `fair queue in ${settings['engine.store'] === 'postgres' ? 'Postgres' : 'SQLite'}`,
    forge: 'local git',
    executor: 'local',
    sandbox: profile.warnings.length === 0 ? profile.kind : `${profile.kind} (${profile.warnings.join('; ')})`,
  };
}

/** The company's own scope has no cap until it is given one. */
async function prepareScopes(store: Store, house: House): Promise<void> {
  await store.truth.tx(async (tx) => {
    if ((await house.ledger.balance(tx, 'org')) !== undefined) return;
    await house.ledger.setCap(tx, { scope: 'org', capNano: null, keptForHiNano: nanoUsd(0), period: null });
  });
}
