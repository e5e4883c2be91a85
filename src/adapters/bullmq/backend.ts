import {
  type BackendFactory,
  type ConnectionOptions,
  type Job,
  type KeyPrefixOptions,
  type QueueBaseOptions,
  QueueKeys,
  type RedisConnection,
  RedisQueueBackend,
  createIORedisClient,
  isIRedisClient,
  isRedisInstance,
} from 'bullmq';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import { fairConnection } from './connection.ts';
import { FairBackendError } from './errors.ts';
import { type PullScript, type Scripts, fuse, stockScripts } from './fuse.ts';
import { BULLMQ_VERSION } from './version.ts';

// How fair:w holds a tenant: weight in hundredths, LIMITED when it is in fair:b, ONE_RUNNING for each running job.
const LIMITED = 2 ** 19;
const ONE_RUNNING = 2 ** 20;
const DEFAULT_WEIGHT = 100;
// The member of fair:t whose score is V.
const NOW = '\0V';

/** What BullMQ's classes hand to a Redis backend. */
type BackendOptions = QueueBaseOptions & KeyPrefixOptions;

/** What the queue knows of a tenant now. */
export interface TenantShare {
  readonly tenant: string;
  readonly weight: number;
  /** True: all its jobs; false: none; a number: those of at most this priority number. */
  readonly served: boolean | number;
  readonly waiting: number;
  readonly running: number;
}

export interface FairOptions {
  /** Field of the job data that names the tenant; `tenant` when absent. Jobs without it share one nameless tenant. */
  readonly tenantField?: string;
  /** Milliseconds of one slot charged at dispatch until more is known; small against the jobs, 1 when absent. */
  readonly estimateMs?: number;
}

/** BullMQ's Redis backend with start-time fair queueing among tenants. The queue, its jobs and all of BullMQ's guarantees stay BullMQ's. */
export class FairQueueBackend extends RedisQueueBackend {
  readonly #version: string;

  constructor(version: string, ...stock: ConstructorParameters<typeof RedisQueueBackend>) {
    super(...stock);
    this.#version = version;
    this.version = version;
  }

  /** The same for another queue over this connection, as FlowProducer asks. */
  override forQueue(name: string, prefix = this.redisPrefix): FairQueueBackend {
    const keys = new QueueKeys(prefix);
    const options: BackendOptions = { ...this.queue.opts, prefix };
    return new FairQueueBackend(
      this.#version,
      this.connection,
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      options,
      this.blockingConnection,
      false,
    );
  }

  /** Share of a tenant relative to the others, 1 until it is set; acts at once, also on what already waits. */
  async setWeight(tenant: string, value: number): Promise<void> {
    await this.#set('fairWeigh', tenant, asWeight(value));
  }

  /** Stops or resumes service of a tenant, or of what is less urgent than a priority number. What waits keeps its place, and a tenant comes back without credit. */
  async setServed(tenant: string, served: boolean | number): Promise<void> {
    await this.#set('fairServe', tenant, served === true ? '' : served === false ? -1 : served);
  }

  /** Says what a job's present run cost, in milliseconds of one slot; without it the time that it ran is its cost. */
  async reportCost(job: Pick<Job, 'id'>, ms: number): Promise<void> {
    await this.#set('fairReport', `${job.id}`, asMicros(ms));
  }

  /** Every tenant that has jobs or a weight, by name. Reads one count per tenant. */
  async tenants(): Promise<TenantShare[]> {
    const client = await this.client;
    const [values, blocked, active] = await Promise.all([
      client.hgetall(this.toKey('fair:w')),
      client.hgetall(this.toKey('fair:b')),
      client.zrange(this.toKey('fair:t'), 0, -1),
    ]);
    const names = new Set([
      ...Object.keys(values),
      ...Object.keys(blocked),
      ...active.filter((member) => member !== NOW),
    ]);
    return Promise.all(
      [...names].sort().map(async (tenant) => {
        const value = Number(values[tenant] ?? 0);
        return {
          tenant,
          weight: (value % LIMITED || DEFAULT_WEIGHT) / 100,
          served: blocked[tenant] === undefined || (Number(blocked[tenant]) >= 0 && Number(blocked[tenant])),
          waiting: await client.zcard(this.toKey(`fair:q:${tenant}`)),
          running: Math.floor(value / ONE_RUNNING),
        };
      }),
    );
  }

  /** Runs a script of pull.lua on this queue. */
  async pull(script: PullScript, ...values: readonly (string | number)[]): Promise<unknown> {
    return this.execCommand(await this.client, script, [this.toKey(''), this.toKey('marker'), ...values]);
  }

  async #set(script: string, about: string, value: number | string): Promise<void> {
    await this.execCommand(await this.client, script, [this.toKey(''), this.toKey('marker'), about, value]);
  }
}

/**
 * Makes the backend for `withBackend(createFairBackend())` or as the last argument of Queue, Worker and FlowProducer.
 * All of them on one queue must use the same options. Throws FairBackendError when bullmq is not the version it is made for.
 */
export function createFairBackend(options: FairOptions = {}): BackendFactory<FairQueueBackend> {
  const { tenantField = 'tenant', estimateMs = 1 } = options;
  if (!/^[\w-]+$/.test(tenantField)) {
    throw new FairBackendError('TENANT_FIELD_INVALID', `not the name of a field: ${tenantField}`);
  }
  const estimateMicros = Math.max(1, asMicros(estimateMs));
  const scripts = fuse(stockScripts(), { tenantField, estimateMicros });
  const version = `${BULLMQ_VERSION}-fair-${tenantField}-${estimateMicros}`;
  return (name, opts: BackendOptions, { blocking = false, withBlockingConnection = false } = {}) => {
    const connect = (connection: ConnectionOptions, extra: { shared: boolean; blocking: boolean }): RedisConnection =>
      open({ opts, connection, extra, scripts, version });
    const own = blocking && isRedisInstance(opts.connection) ? duplicate(opts.connection) : opts.connection;
    const main = connect(own, { shared: !blocking && isRedisInstance(opts.connection), blocking });
    const second = withBlockingConnection
      ? connect(blockingConnection(name, opts), { shared: false, blocking: true })
      : undefined;
    const keys = new QueueKeys(opts.prefix);
    return new FairQueueBackend(
      version,
      main,
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      opts,
      second,
    );
  };
}

function open(options: {
  opts: BackendOptions;
  connection: ConnectionOptions;
  extra: { shared: boolean; blocking: boolean };
  scripts: Scripts;
  version: string;
}): RedisConnection {
  const { skipVersionCheck, skipWaitingForReady } = options.opts;
  return fairConnection({
    connection: options.connection,
    scripts: options.scripts,
    version: options.version,
    extra: {
      ...options.extra,
      ...(skipVersionCheck === undefined ? {} : { skipVersionCheck }),
      ...(skipWaitingForReady === undefined || options.extra.blocking ? {} : { skipWaitingForReady }),
    },
  });
}

/** A worker's blocking wait needs a connection of its own, named as BullMQ names it so that workers are found. */
function blockingConnection(name: string, opts: BackendOptions): ConnectionOptions {
  const worker = 'name' in opts && typeof opts.name === 'string' ? `:w:${opts.name}` : '';
  const connectionName = `${opts.prefix ?? 'bull'}:${Buffer.from(name).toString('base64')}${worker}`;
  if (isRedisInstance(opts.connection)) return duplicate(opts.connection, connectionName);
  return { ...opts.connection, connectionName };
}

function duplicate(client: ConnectionOptions, connectionName?: string): ConnectionOptions {
  // The cast is true: callers have asked isRedisInstance, and every client that BullMQ takes can be duplicated.
  const instance = client as Parameters<typeof createIORedisClient>[0];
  const adapted = isIRedisClient(instance) ? instance : createIORedisClient(instance);
  return adapted.duplicate(connectionName === undefined ? undefined : { connectionName });
}

function asWeight(value: number): number {
  try {
    return weight(value);
  } catch (cause) {
    throw new FairBackendError('WEIGHT_INVALID', `not a weight: ${value}`, { cause });
  }
}

function asMicros(ms: number): number {
  try {
    slotMs(ms);
  } catch (cause) {
    throw new FairBackendError('COST_INVALID', `not a cost: ${ms}`, { cause });
  }
  return Math.round(ms * 1000);
}
