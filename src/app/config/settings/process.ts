import { millis } from '#kernel/clock.ts';
import { DATA_CLASSES } from '#domain/tenant.ts';
import { choice, duration, integer, labels, may, set, text } from '../setting.ts';

const DAY = 86_400_000;

/** What a process is, and how long things take. */
export const PROCESS_SETTINGS = {
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

  'worker.labels': set({
    kind: labels,
    default: [],
    text: 'What this process has, as name=value: it also takes tasks that need some of these labels.',
    example: 'gpu=true, zone=a',
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
  'override.longest': set({
    kind: duration,
    default: millis(DAY),
    text: 'Longest time that an exception to policy may be asked for.',
    example: '4h',
  }),
  'audit.sealEvery': set({
    kind: duration,
    default: millis(10_000),
    text: 'How often new events are linked to the audit chain and its hash is signed; what was changed in between is not found.',
    example: '1s',
  }),
  'audit.keep': may({
    kind: duration,
    text: 'How long events and decisions are kept; what is older is dropped from the audit log once its tasks have ended, and that is signed. For ever when not set.',
    example: '730d',
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
};
