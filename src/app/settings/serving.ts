import { millis } from '#kernel/clock.ts';
import { choice, duration, integer, set, size, text } from '../setting.ts';

const DAY = 86_400_000;

/** Serving, logging and keeping. */
export const SERVING_SETTINGS = {
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
};
