import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { DecisionId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { ModelPlan } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { Priority } from '#domain/task.ts';
import type { Provider } from './catalog.ts';
import type { FormatName } from './formats/format.ts';
import type { VirtualKey } from './key.ts';
import type { Round } from './routing/line.ts';
import type { Stop } from './stop.ts';
import type { TokenUsage } from './tokens.ts';

// What those who fill these ports need to name.
export { GatewayError } from './errors.ts';
export type { Provider } from './catalog.ts';
export type { Line, Round } from './routing/line.ts';
export type { VirtualKey } from './key.ts';
export type { Stop } from './stop.ts';
export type { TokenUsage } from './tokens.ts';

/** Where keys are kept, by the hash of their token. */
export interface KeyBook {
  find(hash: string): Promise<VirtualKey | undefined>;
}

/** One HTTP request to a provider; the adapter adds the company's key. */
export interface UpstreamCall {
  readonly provider: Provider;
  /** Below the provider's url. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  text(): Promise<string>;
  /** Pieces as they come; ends the connection when it is left early. */
  chunks(): AsyncIterable<string>;
}

/** The way to the providers. */
export interface Upstream {
  /** Resolves when the answer begins. Throws UPSTREAM_UNREACHABLE (nothing was sent), UPSTREAM_SILENT or UPSTREAM_GARBLED (it may have been billed). */
  send(call: UpstreamCall, stop: Stop): Promise<UpstreamAnswer>;
}

/** How a call's cost is known. `bound`: unknown, so the most that it can have cost. `refused`, `unsent`: nothing was billed. */
export const COST_SOURCES = ['reported', 'bound', 'refused', 'unsent', 'cache', 'reconciled'] as const;
export type CostSource = (typeof COST_SOURCES)[number];

/** One attempt at one provider, on record before it is made. */
export interface OpenCall {
  readonly id: string;
  /** Shared by the attempts at one request of a client; also told to the provider. */
  readonly request: string;
  readonly attempt: number;
  readonly tenant: TenantId;
  readonly key: string;
  readonly task?: TaskId;
  readonly run?: RunId;
  /** As the client asked, and as it went out. */
  readonly asked: string;
  readonly provider: string;
  readonly model: string;
  readonly format: FormatName;
  /** Which plan chose this model, its rung from 0, and how likely that choice was. */
  readonly plan: string;
  readonly rung: number;
  readonly propensity: number;
  readonly decision: DecisionId;
  /** Hold of the ledger that pays. */
  readonly block: string;
  readonly boundNano: NanoUsd;
  readonly maxOutput: number;
  readonly ratesJson: string;
  readonly sheet: string;
  readonly waitedMs: number;
  readonly at: Millis;
}

export interface EndedCall {
  readonly id: string;
  readonly costNano: NanoUsd;
  readonly source: CostSource;
  readonly usage: TokenUsage;
  /** HTTP status of the provider; 0 when none came. */
  readonly status: number;
  /** Saved by the provider's prompt cache, or by our own. */
  readonly savedNano: NanoUsd;
  readonly upstreamRequest: string | null;
  readonly at: Millis;
}

/** The record of calls. It survives the death of this process. */
export interface CallBook {
  open(call: OpenCall): Promise<void>;
  /** Comes on record a moment later, in order. */
  end(call: EndedCall): void;
  /** Until everything told is on record; false when something could not be brought there. */
  written(): Promise<boolean>;
}

/** Held: the money that the ledger gave. Over: what the narrowest scope has left, and what calls under way hold of it. */
export type Taken =
  | { readonly kind: 'held'; readonly key: string; readonly nano: NanoUsd }
  | {
      readonly kind: 'over';
      readonly scope: string;
      readonly roomNano: NanoUsd;
      readonly heldNano: NanoUsd;
      readonly capNano: NanoUsd;
    };

/** Holds on the ledger, each for a number of calls. */
export interface Holds {
  /** Between `least` and `most` on all scopes or on none; at least `want` where there is room for it. */
  take(hold: {
    readonly scopes: readonly string[];
    readonly priority: Priority;
    readonly leastNano: NanoUsd;
    readonly wantNano: NanoUsd;
    readonly mostNano: NanoUsd;
  }): Promise<Taken>;
  /** Once for each key. */
  settle(key: string, spentNano: NanoUsd): Promise<void>;
}

/** What policy is asked about a call. */
export interface CallQuestion {
  readonly key: VirtualKey;
  readonly asked: string;
  readonly provider: Provider;
  readonly model: string;
}

export type CallAnswer =
  | { readonly allow: true; readonly decision: DecisionId }
  | { readonly allow: false; readonly reasons: readonly Reason[] };

/** Policy about calls. A decision stands for a few seconds for the same key, provider and model, and is on record. */
export interface CallPolicy {
  ask(question: CallQuestion): Promise<CallAnswer>;
}

/** What `maestro/auto` stands for in a run: the plan, and the rung that it has reached. */
export interface Planned {
  readonly plan: ModelPlan;
  readonly rung: number;
}

/** Who chooses models: the configured ladder, or what has learned from outcomes. */
export interface Plans {
  planFor(key: VirtualKey): Promise<Planned>;
}

/** Emergency stop and the speed of a tenant, as others decide them. */
export interface Brakes {
  /** Why no call of the tenant may be made now; undefined when it may. */
  stopped(tenant: TenantId): string | undefined;
  /** Weight of the tenant where providers' limits are shared. */
  weight(tenant: TenantId): number;
}

/** Answers kept for one tenant. */
export interface AnswerCache {
  find(tenant: TenantId, key: string, now: Millis): Promise<CachedAnswer | undefined>;
  keep(tenant: TenantId, key: string, answer: CachedAnswer): Promise<void>;
}

export interface CachedAnswer {
  readonly body: string;
  readonly costNano: NanoUsd;
  readonly usage: TokenUsage;
  readonly model: string;
  readonly provider: string;
  readonly expiresAt: Millis;
}

/** Lines at the keys of providers, shared by every process of the company. */
export interface Lines {
  /** One round in one transaction; gives the ids of the calls whose turn has come. */
  play(provider: string, round: Round): Promise<readonly string[]>;
}

/** A place that failed so often in a row, and rests until then when that is often enough. */
export interface Outage {
  readonly failures: number;
  readonly restsUntil: Millis;
}

/** Failures of places, shared by every process of the company. */
export interface Outages {
  all(): Promise<ReadonlyMap<string, Outage>>;
  failed(place: string, restsUntil: Millis): Promise<Outage>;
  over(place: string): Promise<void>;
}
