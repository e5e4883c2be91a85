import { type Millis, millis } from '#kernel/clock.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Provider } from '../catalog.ts';

const MINUTE = 60_000;
/** A provider counts over a minute but often in shorter slices: what lies unused is kept for so long only. */
const BURST_MS = 10_000;
/** Whoever has not looked after a waiting call for so long has gone. */
const GONE_MS = 2000;
/** Clocks of machines differ by less; a moment further ahead was told by a wrong one. */
export const WRONG_MS = 5 * MINUTE;

type Limits = Pick<Provider, 'requestsPerMinute' | 'tokensPerMinute'>;

/** A call that wants a turn. */
export interface Ask {
  readonly id: string;
  readonly tenant: TenantId;
  readonly weight: number;
  /** At most. */
  readonly tokens: number;
  readonly since: Millis;
}

interface Waiting extends Ask {
  readonly start: number;
  /** When its process last looked after it. */
  readonly seen: Millis;
  /** Its turn has come, and its process has not seen that yet. */
  readonly served?: true;
}

/** One provider's key, as all processes share it. Plain JSON. */
export interface Line {
  /** Left of the minute; of no meaning where there is no limit. */
  readonly requests: number;
  readonly tokens: number;
  readonly filledAt: Millis;
  /** Start-time fair queueing (Goyal, Vin, Cheng 1996): tags in tokens over weight. */
  readonly virtual: number;
  readonly finish: { readonly [tenant: string]: number };
  readonly waiting: readonly Waiting[];
}

/** What one process says and learns at a moment. */
export interface Round {
  readonly now: Millis;
  readonly limits: Limits;
  /** Its calls that wait; those that the line does not have are new. */
  readonly mine: readonly Ask[];
  /** Its calls that wait no more. */
  readonly left: readonly string[];
}

/** A round of one process on the line: what is left is filled up, and turns are given in order, also to the calls of others. */
export function playRound(
  before: Line | undefined,
  { now, limits, mine, left }: Round,
): { readonly line: Line; readonly served: readonly string[] } {
  const line = filled(before ?? full(limits, now), limits, now);
  const own = new Map(mine.map((ask) => [ask.id, ask]));
  const known = line.waiting
    .filter(({ id, seen }) => !left.includes(id) && (own.has(id) || now - seen < GONE_MS))
    .map((each) => (own.has(each.id) ? { ...each, seen: now } : each));
  const state = { ...line, finish: { ...line.finish }, waiting: known };
  const there = new Set(known.map(({ id }) => id));
  for (const ask of mine) if (!there.has(ask.id)) state.waiting.push(arrived(state, ask, now));
  state.waiting.sort((a, b) => a.start - b.start || a.since - b.since);
  for (const [i, next] of state.waiting.entries()) {
    if (next.served) continue;
    // A prompt larger than the whole allowance goes when the allowance is full.
    const tokens = Math.min(next.tokens, most(limits.tokensPerMinute));
    if (!fits(state, limits, tokens)) break;
    state.requests -= 1;
    state.tokens -= tokens;
    state.virtual = Math.max(state.virtual, next.start);
    state.waiting[i] = { ...next, served: true };
  }
  for (const [tenant, tag] of Object.entries(state.finish)) if (tag <= state.virtual) delete state.finish[tenant];
  const served = state.waiting.filter((each) => each.served && own.has(each.id)).map(({ id }) => id);
  return { line: { ...state, waiting: state.waiting.filter(({ id }) => !served.includes(id)) }, served };
}

function arrived(line: { virtual: number; finish: { [tenant: string]: number } }, ask: Ask, now: Millis): Waiting {
  const start = Math.max(line.virtual, line.finish[ask.tenant] ?? 0);
  line.finish[ask.tenant] = start + ask.tokens / ask.weight;
  return { ...ask, start, seen: now };
}

function full({ requestsPerMinute, tokensPerMinute }: Limits, now: Millis): Line {
  const [requests, tokens] = [most(requestsPerMinute), most(tokensPerMinute)];
  return { requests, tokens, filledAt: now, virtual: 0, finish: {}, waiting: [] };
}

/** Clocks of machines differ: time that went backwards fills nothing, and after a wrong clock it begins from now. */
function filled(line: Line, { requestsPerMinute, tokensPerMinute }: Limits, now: Millis): Line {
  const since = line.filledAt - now > WRONG_MS ? now : line.filledAt;
  const minutes = Math.max(0, now - since) / MINUTE;
  const filledAt = millis(Math.max(since, now));
  const up = (left: number, perMinute = 0): number => Math.min(most(perMinute), left + minutes * perMinute);
  return {
    ...line,
    filledAt,
    requests: up(line.requests, requestsPerMinute),
    tokens: up(line.tokens, tokensPerMinute),
  };
}

/** Most that can be used at once. */
function most(perMinute = 0): number {
  return Math.max(1, (perMinute * BURST_MS) / MINUTE);
}

function fits(line: { requests: number; tokens: number }, limits: Limits, tokens: number): boolean {
  const { requestsPerMinute, tokensPerMinute } = limits;
  if (requestsPerMinute !== undefined && line.requests < 1) return false;
  return tokensPerMinute === undefined || line.tokens >= tokens;
}
