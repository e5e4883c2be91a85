import { type ConnectionOptions, type RedisClient, RedisConnection } from 'bullmq';
import { Lazy } from '#kernel/lazy.ts';
import { FairBackendError } from './errors.ts';
import type { Scripts } from './fuse.ts';

export interface FairConnectionOptions {
  readonly connection: ConnectionOptions;
  readonly scripts: Scripts;
  /** Stands in the names under which the scripts are loaded, so that a client may be shared with a stock queue. */
  readonly version: string;
  readonly extra: ConstructorParameters<typeof RedisConnection>[1];
}

/** A connection of BullMQ that loads the fused scripts, and refuses a Redis that would lose jobs under memory pressure or runs no scripts. */
export function fairConnection(options: FairConnectionOptions): RedisConnection {
  // The class closes over its options, because BullMQ may load commands before fields of a subclass exist.
  class FairConnection extends RedisConnection {
    readonly #checked = new Lazy(async () => refuseUnfit(await super.client, options.version));

    /** Whoever awaits it gets the refusal; one that nobody awaits does not end the process. */
    override get client(): Promise<RedisClient> {
      return this.#checked.get();
    }

    protected override loadCommands(): void {
      super.loadCommands(options.version, options.scripts);
    }
  }
  return new FairConnection(options.connection, options.extra);
}

async function refuseUnfit(client: RedisClient, version: string): Promise<RedisClient> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info())?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    throw new FairBackendError('REDIS_EVICTS', `this Redis evicts keys (maxmemory-policy ${policy})`, {
      details: { policy },
    });
  }
  await client.runCommand(`fairProbe:${version}`, []).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    if (!/unknown command|NOPERM/i.test(said)) throw cause;
    throw new FairBackendError('REDIS_NO_SCRIPTS', `this Redis runs no scripts for us: ${said}`, { cause });
  });
  return client;
}
