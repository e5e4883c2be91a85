import { appendEvent } from '#adapters/sql/index.ts';
import type { PluginHost } from '#agents/index.ts';
import type { Principal } from '#domain/action.ts';
import type { RunId, TaskId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Json } from '#kernel/json.ts';
import type { Proved, RunResult } from '#plugins/index.ts';
import type { House } from '../house.ts';
import { permit, Refusal, type Request } from '../perform.ts';
import { grantShipped } from './shipped.ts';

/** For whom a plugin is called, and in which run if in any. */
export interface PluginCaller {
  readonly tenant: Tenant;
  readonly principal: Principal;
  readonly task?: TaskId;
  readonly run?: RunId;
}

export interface PluginRequest {
  readonly id: string;
  readonly input: Json;
  /** Absolute folder that its paths are relative to; null for none. */
  readonly workspace: string | null;
}

/** The plugins of one caller: what runners, tools and MCP are handed. */
export function pluginHost(house: House, caller: PluginCaller): PluginHost {
  return {
    list: async () => {
      await grantShipped(house, caller.tenant);
      return house.plugins.list(caller.tenant.id);
    },
    call: async (request, signal) => {
      const result = await callPlugin(house, caller, request, signal);
      const { wallMs = 0 } = result.meters ?? {};
      if (!result.ok) return { wallMs, ok: false, code: result.code, reasons: result.reasons };
      return { wallMs, ok: true, output: result.output, fuel: result.meters.fuel, edited: result.edited };
    },
  };
}

/**
 * Proves the plugin, has policy decide `plugin.load` about exactly what was proved, runs it, and puts on record what ran.
 * What policy denies, and an engine that does not answer, is a result like others: nothing was loaded.
 */
export async function callPlugin(
  house: House,
  caller: PluginCaller,
  request: PluginRequest,
  signal: AbortSignal,
): Promise<RunResult> {
  await grantShipped(house, caller.tenant);
  const proved = await house.plugins.prove(caller.tenant.id, request.id);
  if (!proved.ok) return refused(proved.reasons);
  try {
    return await permit(house, loadRequest(house, caller, proved), async () => {
      const result = await house.plugins.run(proved, request, signal);
      await record(house, caller, proved, result);
      return result;
    });
  } catch (error) {
    if (error instanceof Refusal) return refused(error.reasons);
    throw error;
  }
}

function loadRequest(
  { worker }: House,
  caller: PluginCaller,
  { identity, verified }: Proved,
): Request & { name: 'plugin.load' } {
  const { manifest, digests } = verified;
  return {
    ...caller,
    name: 'plugin.load',
    resource: {
      kind: 'plugin',
      id: `${identity.id}@${identity.version}`,
      region: worker.region,
      dataClass: worker.dataClass,
      attributes: {
        plugin: identity.id,
        publisher: manifest.publisher,
        licences: [manifest.license],
        rights: identity.granted,
        digest: digests.module,
      },
    },
  };
}

async function record(house: House, caller: PluginCaller, { identity }: Proved, result: RunResult): Promise<void> {
  const { tenant, principal, task, run } = caller;
  const { fuel = 0, wallMs = 0, bytesRead = 0 } = result.meters ?? {};
  const outcome = result.ok ? { ok: true, edited: result.edited } : { ok: false, code: result.code };
  await house.store.truth.tx((tx) =>
    appendEvent(tx, house.clock.now(), {
      type: 'plugin.called',
      tenant: tenant.id,
      ...(task === undefined ? {} : { task }),
      ...(run === undefined ? {} : { run }),
      by: principal.id,
      data: { ...outcome, identity: { ...identity }, fuel, wallMs: Math.round(wallMs), bytesRead },
    }),
  );
}

function refused(reasons: readonly Reason[]): RunResult {
  return { ok: false, code: reasons[0]?.code ?? 'DENIED', reasons };
}
