import type { Clock } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { formatUsd, nanoUsd } from '#kernel/money.ts';
import type { Reason } from '#domain/reason.ts';
import { Attempt } from './attempt.ts';
import type { Target } from './catalog.ts';
import { GatewayError } from './errors.ts';
import type { Asked, WireFormat } from './formats/format.ts';
import { WIRE_FORMATS } from './formats/map.ts';
import { checkParameters } from './formats/parameters.ts';
import type { Asking } from './asking.ts';
import type { Drawn } from './money/purse.ts';
import type { Purses } from './money/purses.ts';
import type { CallBook, CallPolicy } from './ports.ts';
import type { Price, PriceBook } from './prices/price-book.ts';
import { affordableOutput, boundOf } from './prices/rates.ts';
import type { ProviderLimits } from './routing/limits.ts';

export interface PrepareParts {
  readonly prices: PriceBook;
  readonly purses: Purses;
  readonly book: CallBook;
  readonly policy: CallPolicy;
  readonly limits: ProviderLimits;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Fewest tokens of output that are worth a call. */
const LEAST_OUTPUT = 16;

/**
 * Everything that must hold before a provider is called: parameters with a bounded price, policy's yes, a known price,
 * a turn under the provider's limits, money for the most that it can cost, and a record of the attempt.
 */
export async function prepare(parts: PrepareParts, asking: Asking, target: Target, attempt: number): Promise<Attempt> {
  const { key, body, call, asked } = asking;
  const client = WIRE_FORMATS[call.format];
  checkParameters(call.format, body, target.provider.api === 'openai-compatible');
  const decided = await parts.policy.ask({ key, asked: asked.model, provider: target.provider, model: target.model });
  if (!decided.allow) throw new GatewayError('CALL_DENIED', deniedText(decided.reasons));
  const price = parts.prices.price(target.provider.prices, target.model, parts.clock.now());
  if (price === undefined) {
    const message = `nobody says what ${target.model} costs at ${target.provider.name}`;
    throw new GatewayError('PRICE_UNKNOWN', message, { model: target.model, provider: target.provider.name });
  }
  const waitedMs = await parts.limits.turn(target.provider, key.tenant, asking.input, call.gone);
  const { draw, maxOutput } = await paid(parts, asking, asked, price);
  const now = parts.clock.now();
  const open = {
    id: parts.ids.next('call'),
    request: asking.id,
    attempt,
    tenant: key.tenant,
    key: key.id,
    ...(key.task === undefined ? {} : { task: key.task }),
    ...(key.run === undefined ? {} : { run: key.run }),
    asked: asked.model,
    provider: target.provider.name,
    model: target.model,
    format: call.format,
    plan: asking.planned.plan.id,
    rung: asking.planned.rung,
    propensity: asking.planned.plan.propensity,
    decision: decided.decision,
    block: draw.block,
    boundNano: draw.nano,
    maxOutput,
    ratesJson: price.ratesJson,
    sheet: price.sheet,
    waitedMs,
    at: now,
  };
  try {
    await parts.book.open(open);
  } catch (error) {
    draw.settle(nanoUsd(0), now); // what is not on record is not sent
    throw error;
  }
  return new Attempt({ ...parts, open, target, asked, client, wire: wireOf(client, target), draw, price });
}

/** The client's own format where the provider speaks it, otherwise the provider's first. */
function wireOf(client: WireFormat, { provider }: Target): WireFormat {
  const [first = client.name] = provider.formats;
  return WIRE_FORMATS[provider.formats.includes(client.name) ? client.name : first];
}

/** Money for the most that the call can cost; with less of it, a shorter answer. */
async function paid(
  parts: PrepareParts,
  { key, input, model }: Asking,
  asked: Asked,
  { rates }: Price,
): Promise<{ draw: Extract<Drawn, { kind: 'drawn' }>['draw']; maxOutput: number }> {
  const wanted = asked.maxOutput ?? model.maxOutput;
  const bound = (output: number): ReturnType<typeof boundOf> =>
    boundOf({ input, output: output * asked.choices }, rates);
  const least = bound(Math.min(wanted, LEAST_OUTPUT));
  const drawn = await parts.purses.of(key).draw(bound(wanted), least, parts.clock.now());
  if (drawn.kind === 'over') throw overBudget(drawn, least);
  const affordable = Math.floor(affordableOutput(drawn.draw.nano, input, rates) / asked.choices);
  return { draw: drawn.draw, maxOutput: Math.min(wanted, affordable) };
}

function overBudget(over: Extract<Drawn, { kind: 'over' }>, least: number): GatewayError {
  const { scope, roomNano, heldNano, capNano } = over;
  const numbers = `${scope} has ${formatUsd(roomNano)} left of ${formatUsd(capNano)}, and this call may cost ${formatUsd(nanoUsd(least))} at least`;
  if (roomNano + heldNano < least) return new GatewayError('BUDGET_SPENT', numbers, { scope, roomNano, capNano });
  const message = `${numbers}; calls under way hold ${formatUsd(heldNano)}`;
  return new GatewayError('BUDGET_HELD', message, { scope, roomNano, heldNano, capNano, retryAfter: 1 });
}

/** Why policy said no, and what to do, for the client. */
export function deniedText(reasons: readonly Reason[]): string {
  return reasons.map(({ msg, fix }) => `${msg}; ${fix}`).join('; ');
}
