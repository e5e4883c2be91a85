import { millis } from '#kernel/clock.ts';
import { choice, duration, integer, list, set, size } from '../setting.ts';

/** Sandbox of every program that a task runs. */
export const SANDBOX_SETTINGS = {
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
  'sandbox.quiet': set({
    kind: duration,
    default: millis(120_000),
    text: 'How long a program may neither print nor use processor time before it is ended as hung, so that it holds no slot.',
    example: '5m',
  }),
  'sandbox.memory': set({
    kind: size,
    default: 4 * 2 ** 30,
    text: 'Memory that one program and its children may use together where control groups can be made, else each of them; Node needs 2GiB at least.',
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
    text: 'Bytes kept of each of standard output and standard error; of more the beginning is kept, of tests the end.',
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
};
