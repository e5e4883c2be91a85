import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { BUDGET_PERIODS, DATA_CLASSES } from '#domain/tenant.ts';
import { address, choice, dollars, duration, integer, list, number, type Setting, size, text } from './setting.ts';

const DAY = 86_400_000;

/** A setting that always has a value. */
function set<const T>(row: Setting<T> & { default: NonNullable<Setting<NoInfer<T>>['default']> }): typeof row {
  return row;
}

/** A setting that may be absent. */
function may<const T>(row: Omit<Setting<T>, 'default'>): typeof row {
  return row;
}

/** The one table of settings: validation, reference page, environment names and `maestro config show` are made from it. */
export const SETTINGS = Object.freeze({
  dataDir: set({
    kind: text,
    default: '.maestro',
    text: 'Folder of everything that Maestro keeps: database, repositories, keys, work.',
    example: '/var/lib/maestro',
  }),
  workers: set({
    kind: integer({ min: 1, max: 1024 }),
    default: ({ cores }) => cores,
    text: 'Tasks that one process runs at the same time.',
    example: '4',
  }),
  lease: set({
    kind: duration,
    default: millis(30_000),
    text: 'How long a worker owns a task without a sign of life; then another worker takes over.',
    example: '1m',
  }),
  heartbeat: set({
    kind: duration,
    default: millis(10_000),
    text: 'How often a worker renews its lease; at most half of it.',
    example: '5s',
  }),

  'worker.region': set({
    kind: text,
    default: 'local',
    text: 'Region in which this process works; policy compares it with the regions of the tenant.',
    example: 'eu-west',
  }),
  'worker.dataClass': set({
    kind: choice(...DATA_CLASSES),
    default: 'restricted',
    text: 'Most sensitive data that this process is cleared for.',
    example: 'internal',
  }),
  'run.wall': set({
    kind: duration,
    default: millis(3_600_000),
    text: 'Longest time that one run of a task may take; its price is the bound that a recipe reserves.',
    example: '30m',
  }),
  'audit.sealEvery': set({
    kind: duration,
    default: millis(10_000),
    text: 'How often new events are linked to the audit chain and its hash is signed; what was changed in between is not found.',
    example: '1s',
  }),
  'inbox.remindEvery': set({
    kind: duration,
    default: millis(DAY),
    text: 'How often people are reminded of a change that waits for them.',
    example: '4h',
  }),
  user: may({
    kind: text,
    text: 'Name under which commands are recorded; the account of the process when not set.',
    example: 'ada',
  }),
  'test.killAt': may({
    kind: text,
    text: 'For crash tests only: the process kills itself at this point of a step.',
    example: 'push:during',
  }),

  // Engines: each is one setting away from the embedded one.
  'engine.store': set({
    kind: choice('sqlite', 'postgres'),
    default: 'sqlite',
    text: 'Where the truth is kept.',
    example: 'postgres',
  }),
  'engine.postgresUrl': may({
    kind: address('postgres', 'postgresql'),
    text: 'Database to use when the store is postgres.',
    example: 'postgres://maestro:secret@db.example.org/maestro',
    secret: true,
  }),
  'engine.redisUrl': may({
    kind: address('redis', 'rediss'),
    text: 'Redis that holds the order of the queue at scale; without it the store holds it.',
    example: 'redis://queue.example.org:6379',
    secret: true,
  }),
  'engine.forge': set({
    kind: choice('local', 'github'),
    default: 'local',
    text: 'Where changes are proposed and land.',
    example: 'github',
  }),
  'engine.policy': set({
    kind: choice('builtin', 'opa-wasm', 'opa-server'),
    default: 'opa-wasm',
    text: 'What decides whether an action may happen.',
    example: 'opa-server',
  }),
  'engine.opaUrl': may({
    kind: address('http', 'https'),
    text: 'Open Policy Agent to ask when the policy engine is opa-server.',
    example: 'http://127.0.0.1:8181',
  }),
  'engine.opaTimeout': set({
    kind: duration,
    default: millis(1000),
    text: 'Longest wait for one decision of an Open Policy Agent; after it the action is denied.',
    example: '250ms',
  }),
  'engine.exec': set({
    kind: choice('embedded', 'reapi'),
    default: 'embedded',
    text: 'What runs the tests of a change: this machine, or a Remote Execution API cluster.',
    example: 'reapi',
  }),
  'exec.address': may({
    kind: address('grpc', 'grpcs'),
    text: 'Cluster to use when the executor is reapi.',
    example: 'grpcs://cluster.example.org:8980',
  }),
  'snapshot.driver': set({
    kind: choice('namespace-overlay', 'microvm'),
    default: 'namespace-overlay',
    text: 'What previews run in: namespaces with an overlay file system, or small virtual machines.',
    example: 'microvm',
  }),

  // Sandbox of every program that a task runs.
  'sandbox.mode': set({
    kind: choice('auto', 'bubblewrap', 'process', 'require'),
    default: 'auto',
    text: 'auto: bubblewrap where it works, otherwise a plain process with a warning; require: bubblewrap or no run.',
    example: 'require',
  }),
  'sandbox.wall': set({
    kind: duration,
    default: millis(600_000),
    text: 'Longest time that one program may run.',
    example: '20m',
  }),
  'sandbox.memory': set({
    kind: size,
    default: 4 * 2 ** 30,
    text: 'Memory that one program and its children may use; Node needs 2GiB at least.',
    example: '8GiB',
  }),
  'sandbox.processes': set({
    kind: integer({ min: 16, max: 32_768 }),
    default: 512,
    text: 'Processes and threads that one program may have.',
    example: '1024',
  }),
  'sandbox.output': set({
    kind: size,
    default: 2 ** 20,
    text: 'Bytes kept of each of standard output and standard error; what is beyond is cut off.',
    example: '4MiB',
  }),
  'egress.allow': set({
    kind: list,
    default: [],
    text: 'Hosts that may be reached while an environment is built, beside the package registry that npm is set to. Runs themselves have no network.',
    example: 'packages.example.org, mirror.example.org',
  }),
  'environment.installScripts': set({
    kind: list,
    default: [],
    text: 'Packages whose install scripts may run while an environment is built, beside those that a repository declares in `.maestro.yaml`; all others are installed without.',
    example: 'node, esbuild',
  }),
  'environment.stall': set({
    kind: duration,
    default: millis(180_000),
    text: 'How long the build of an environment may neither say nor receive anything before it is stopped as stalled.',
    example: '10m',
  }),

  // Money.
  'cost.slotUsdPerHour': set({
    kind: dollars,
    default: usd(0.05),
    text: 'Price of holding one worker slot for an hour.',
    example: '0.12',
  }),
  'budget.taskUsd': set({
    kind: dollars,
    default: usd(1),
    text: 'Upper bound that is reserved for one run of a task, unless the task says less.',
    example: '0.5',
  }),
  'budget.preemptBelowUsd': set({
    kind: dollars,
    default: usd(0.1),
    text: 'Below this much left, tasks of low priority give way to those of high priority.',
    example: '0.25',
  }),
  'budget.hiReserve': set({
    kind: number({ min: 0, max: 0.9 }),
    default: 0.1,
    text: 'Part of every budget that only tasks of high priority may use.',
    example: '0.2',
  }),

  // What a tenant gets unless it is set for that tenant.
  'tenant.weight': set({
    kind: number({ min: 0.001, max: 1000 }),
    default: 1,
    text: 'Share of the fleet relative to other tenants that have work waiting.',
    example: '2',
  }),
  'tenant.budgetUsd': set({
    kind: dollars,
    default: usd(10),
    text: 'Most that a tenant may spend in one period.',
    example: '250',
  }),
  'tenant.period': set({
    kind: choice(...BUDGET_PERIODS),
    default: 'week',
    text: 'How long a budget lasts before it starts anew.',
    example: 'month',
  }),
  'tenant.slo': set({
    kind: number({ min: 0.5, max: 0.9999 }),
    default: 0.99,
    text: 'Part of tasks that must start in time over the window.',
    example: '0.995',
  }),
  'tenant.startWithin': set({
    kind: duration,
    default: millis(20_000),
    text: 'A task starts in time when it starts within this long of being admitted.',
    example: '1m',
  }),
  'tenant.sloWindow': set({
    kind: duration,
    default: millis(7 * DAY),
    text: 'Window over which starts in time are counted.',
    example: '28d',
  }),
  'tenant.regions': set({
    kind: list,
    default: ['local'],
    text: 'Regions in which the work of a tenant may be done.',
    example: 'eu-west, eu-north',
  }),
  'tenant.dataClass': set({
    kind: choice(...DATA_CLASSES),
    default: 'internal',
    text: 'Most sensitive data that a tenant has.',
    example: 'confidential',
  }),
  'plugins.shipped': set({
    kind: list,
    default: ['code-search', 'ast-codemod', 'json-schema-check'],
    text: 'Plugins that every tenant may use without installing them.',
    example: 'code-search',
  }),

  // Differential privacy of what tenants learn from each other.
  'privacy.epsilon': set({
    kind: number({ min: 0.01, max: 2 }),
    default: 2,
    text: 'Privacy loss of one unit in one window, at most.',
    example: '1',
  }),
  'privacy.windowDays': set({
    kind: integer({ min: 1, max: 90, unit: 'days' }),
    default: 7,
    text: 'Length of a window: what is released once is never released again.',
    example: '14',
  }),
  'privacy.unit': set({
    kind: choice('task', 'developer'),
    default: 'task',
    text: 'What is protected: one task, or everything of one developer.',
    example: 'developer',
  }),
  'privacy.tasksPerDeveloper': set({
    kind: integer({ min: 1, max: 100 }),
    default: 5,
    text: 'Tasks of one developer that count in a window when the unit is developer; further ones are left out.',
    example: '10',
  }),
  'privacy.qualityClip': set({
    kind: number({ min: 0.1, max: 0.5 }),
    default: 0.5,
    text: 'Bound to which the mean quality (0.5 is neutral) of a release is clipped, either way.',
    example: '0.4',
  }),
  'privacy.costMaximumUsd': set({
    kind: dollars,
    default: usd(3),
    text: 'Cost of one task is clipped to this; public and fixed for a window.',
    example: '5',
  }),

  // Landing and carrying fixes to release branches.
  'backport.branches': set({
    kind: list,
    default: ['release/*'],
    text: 'Branches that fixes are carried to, as patterns.',
    example: 'release/*, stable-*',
  }),
  'backport.approvers': set({
    kind: integer({ min: 0, max: 10 }),
    default: 1,
    text: 'People who must approve a backport.',
    example: '2',
  }),
  'backport.autoRisk': set({
    kind: choice('none', 'low'),
    default: 'low',
    text: 'Highest risk at which a backport without conflict lands by itself.',
    example: 'none',
  }),

  // Carbon.
  'carbon.source': set({
    kind: choice('co2js-yearly', 'electricity-maps'),
    default: 'co2js-yearly',
    text: 'Where grams per kilowatt-hour come from: yearly tables, or the live Electricity Maps service.',
    example: 'electricity-maps',
  }),
  'carbon.token': may({
    kind: text,
    text: 'Token of Electricity Maps.',
    example: 'em_0123456789',
    secret: true,
  }),
  'carbon.zone': set({
    kind: text,
    default: 'WORLD',
    text: 'Grid of the machines: a country (ISO 3166, three letters) or a zone of Electricity Maps.',
    example: 'FRA',
  }),

  // Serving, logging and keeping.
  'http.host': set({
    kind: text,
    default: '127.0.0.1',
    text: 'Address that the server listens on.',
    example: '0.0.0.0',
  }),
  'http.port': set({
    kind: integer({ min: 0, max: 65_535 }),
    default: 4510,
    text: 'Port that the server listens on; 0 takes a free one.',
    example: '8080',
  }),
  'log.level': set({
    kind: choice('debug', 'info', 'warn', 'error'),
    default: 'info',
    text: 'Least important lines that are logged.',
    example: 'debug',
  }),
  'disk.reserve': set({
    kind: size,
    default: 512 * 2 ** 20,
    text: 'No task is admitted while less than this is free on the disk of the data directory.',
    example: '2GiB',
  }),
  'retention.work': set({
    kind: duration,
    default: millis(30 * DAY),
    text: 'How long checkpoints, cached environments and logs of ended tasks are kept. Events, ledger and evidence are kept for ever.',
    example: '7d',
  }),
});

export type SettingName = keyof typeof SETTINGS;

type ValueOf<Row> = Row extends Setting<infer T> ? (Row extends { default: unknown } ? T : T | undefined) : never;

/** Every setting with its value, in the units of the program. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** `sandbox.mode` is `MAESTRO_SANDBOX_MODE` in the environment. */
export function environmentName(name: string): string {
  return `MAESTRO_${name.replace('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
