import { millis } from '#kernel/clock.ts';
import { address, choice, duration, integer, list, may, set, size, text } from '../setting.ts';

const DAY = 86_400_000;

/** Serving, logging and keeping. */
export const SERVING_SETTINGS = {
  'http.host': set({
    kind: text,
    default: '127.0.0.1',
    text: 'Address that the server listens on.',
    example: '0.0.0.0',
  }),
  'http.names': set({
    kind: list,
    default: [],
    text: 'Names under which the server is reached, beside localhost and addresses; requests under other names are refused.',
    example: 'maestro.example.org',
  }),
  'http.publicUrl': may({
    kind: address('https', 'http'),
    text: 'Address under which people reach the server, when it is not the one that it listens on.',
    example: 'https://maestro.example.org',
  }),
  'http.sessionLasts': set({
    kind: duration,
    default: millis(12 * 3_600_000),
    text: 'How long a browser stays signed in; roles from groups of the provider are as old as the sign-in.',
    example: '8h',
  }),
  'repo.hosts': set({
    kind: list,
    default: [],
    text: 'Hosts from which tenant admins may take repositories in although their addresses are not public.',
    example: 'git.internal.example.org',
  }),
  'webhook.hosts': set({
    kind: list,
    default: [],
    text: 'Hosts that webhooks may go to although they are not public, or by plain http.',
    example: 'hooks.internal.example.org',
  }),
  'http.requestsPerMinute': set({
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 600,
    text: 'Requests of one API key (or session) in a minute that one process answers.',
    example: '6000',
  }),
  'http.strangerRequestsPerMinute': set({
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 120,
    text: 'Requests of one address in a minute that name no caller or a wrong one.',
    example: '30',
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
    text: 'How long environments, test results and what tests printed are kept after their last use, and messages to webhooks and receivers of alerts after they arrived; what an open run has been given stays. Events, ledger and evidence are kept for ever.',
    example: '7d',
  }),
};
