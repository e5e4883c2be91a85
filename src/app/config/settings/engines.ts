import { millis } from '#kernel/clock.ts';
import { address, choice, duration, may, set } from '../setting.ts';

/** Engines: each is one setting away from the embedded one. */
export const ENGINE_SETTINGS = {
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
  'engine.queue': set({
    kind: choice('store', 'bullmq'),
    default: 'store',
    text: 'Where the order of work is kept: in the store, or as a queue of BullMQ in Redis, for many workers. What Redis loses is made anew from the store.',
    example: 'bullmq',
  }),
  'engine.redisUrl': may({
    kind: address('redis', 'rediss'),
    text: 'Redis to use when the queue is bullmq.',
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
};
