import { type ModelTotal, totalModelCalls } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { nanoUsd, toUsd } from '#kernel/money.ts';
import type { House } from '../house.ts';
import { type ProviderWait, providerWaits } from './provider-state.ts';

/** What a model's calls came to; dollars for showing only. */
export type GatewayStats = {
  readonly models: readonly {
    readonly provider: string;
    readonly model: string;
    readonly calls: number;
    readonly costUsd: number;
    /** Charged at the most that it can have cost, because the true cost is not known. */
    readonly unknownUsd: number;
    readonly inputTokens: number;
    readonly cachedTokens: number;
    readonly outputTokens: number;
    readonly reasoningTokens: number;
    readonly waitedMs: number;
  }[];
  readonly exact: {
    readonly hits: number;
    readonly calls: number;
    readonly share: number | null;
    readonly savedUsd: number;
  };
  /** Calls that wait for a provider's limit now, in any gateway. */
  readonly waiting: readonly ProviderWait[];
  /** The providers' own prompt caches. */
  readonly prefix: {
    readonly tokens: number;
    readonly promptTokens: number;
    readonly share: number | null;
    readonly savedUsd: number;
  };
};

/** Figures of the gateway, of one tenant or of all. */
export async function gatewayStats(house: House, tenant?: TenantId): Promise<GatewayStats> {
  const totals = await totalModelCalls(house.store.truth, tenant);
  const sum = (of: (total: ModelTotal) => number, from = totals): number =>
    from.reduce((all, each) => all + of(each), 0);
  const [hits, made] = [
    totals.filter(({ source }) => source === 'cache'),
    totals.filter(({ source }) => source !== 'cache'),
  ];
  const names = [...new Set(made.map(({ provider, model }) => `${provider}/${model}`))];
  const prompt = sum((each) => each.inputTokens, made);
  const cached = sum((each) => each.cachedTokens, made);
  const calls = sum((each) => each.calls);
  return {
    models: names.map((name) => {
      const own = made.filter(({ provider, model }) => `${provider}/${model}` === name);
      const [first] = own;
      return {
        provider: first?.provider ?? '',
        model: first?.model ?? '',
        calls: sum((each) => each.calls, own),
        costUsd: usdOf(sum((each) => each.costNano, own)),
        unknownUsd: usdOf(sum((each) => (each.source === 'bound' ? each.costNano : 0), own)),
        inputTokens: sum((each) => each.inputTokens, own),
        cachedTokens: sum((each) => each.cachedTokens, own),
        outputTokens: sum((each) => each.outputTokens, own),
        reasoningTokens: sum((each) => each.reasoningTokens, own),
        waitedMs: sum((each) => each.waitedMs, own),
      };
    }),
    waiting: await providerWaits(house, tenant),
    exact: {
      hits: sum((each) => each.calls, hits),
      calls,
      share: calls === 0 ? null : sum((each) => each.calls, hits) / calls,
      savedUsd: usdOf(sum((each) => each.savedNano, hits)),
    },
    prefix: {
      tokens: cached,
      promptTokens: prompt,
      share: prompt === 0 ? null : cached / prompt,
      savedUsd: usdOf(sum((each) => each.savedNano, made)),
    },
  };
}

function usdOf(nano: number): number {
  return toUsd(nanoUsd(nano));
}
