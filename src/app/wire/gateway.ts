import { resolve } from 'node:path';
import { parse } from 'yaml';
import { fileExists, readJsonFile, readTextFile } from '#adapters/files/index.ts';
import { bootId } from '#adapters/machine/index.ts';
import { HttpUpstream } from '#adapters/upstream/index.ts';
import {
  Breakers,
  Catalog,
  Gateway,
  KeptAnswers,
  ModelTable,
  PriceBook,
  type PriceSheet,
  ProviderLimits,
  Purses,
  readPriceSheet,
  readSignedSheet,
} from '#gateway/index.ts';
import { answerCache } from '../gateway/answer-cache.ts';
import { HouseBrakes } from '../gateway/brakes.ts';
import { SqlCallBook } from '../gateway/call-book.ts';
import { HouseCallPolicy } from '../gateway/call-policy.ts';
import { LedgerHolds } from '../gateway/holds.ts';
import { CachedKeys } from '../gateway/keys.ts';
import { LadderPlans } from '../gateway/plans.ts';
import { sqlLines, sqlOutages } from '../gateway/provider-state.ts';
import type { OpenGateway } from '../gateway/open-gateway.ts';
import { GatewayRun } from '../gateway/running.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { gatewayFile } from './gateway-file.ts';
import type { Tools } from './tools.ts';

/** The models that runs may be given, as file and prices stand at this moment. Throws as `openGateway`. */
export async function modelTable(tools: Tools): Promise<ModelTable> {
  const catalog = catalogOf(tools);
  return new ModelTable({ catalog, prices: await pricesOf(tools), clock: tools.clock });
}

/** The providers and models of the gateway file. Throws NO_GATEWAY_FILE and GATEWAY_CONFIG_INVALID. */
function catalogOf(tools: Pick<Tools, 'settings' | 'dataDir'>): Catalog {
  const path = gatewayFile(tools);
  if (!fileExists(path))
    throw new AppError('NO_GATEWAY_FILE', `there is no gateway file ${path}`, { details: { path } });
  return Catalog.read(path, yamlIn(path));
}

/** Builds the gateway on the parts of the house. Throws GATEWAY_CONFIG_INVALID, PRICES_INVALID, PRICES_UNSIGNED and PRICES_EXPIRED. */
export async function openGateway(tools: Tools, house: House): Promise<OpenGateway> {
  const { settings, dataDir, clock, ids, log, openSecret } = tools;
  const catalog = catalogOf(tools);
  const prices = await pricesOf(tools);
  prices.check(clock.now());
  const upstream = new HttpUpstream({ dataDir, answerMs: settings['gateway.answerTimeout'], openSecret });
  const boot = bootId(clock);
  const brakes = new HouseBrakes(house);
  const purses = new Purses({ holds: new LedgerHolds(house, boot), clock, log });
  const breakers = new Breakers({ clock, log, outages: sqlOutages(house) });
  const keys = new CachedKeys(house);
  const policy = new HouseCallPolicy(house);
  const gateway = new Gateway({
    catalog,
    keys,
    plans: new LadderPlans(catalog.ladder),
    brakes,
    breakers,
    prices,
    purses,
    policy,
    upstream,
    kept: new KeptAnswers({ cache: answerCache(house), clock, ids, log, keepMs: settings['gateway.cacheFor'] }),
    limits: new ProviderLimits({ clock, ids, brakes, lines: sqlLines(house) }),
    book: new SqlCallBook({ groups: house.store.groups, clock, log }),
    clock,
    ids,
    log,
    drainMs: settings['gateway.drain'],
  });
  const run = new GatewayRun({ house, boot, purses, gateway, upstream, sweeps: [keys, policy, brakes, breakers] });
  return { gateway, run: (signal) => run.run(signal), start: () => run.start(), maxBody: settings['gateway.maxBody'] };
}

/** What models cost, the sheet that wins first. */
async function pricesOf({ settings, dataDir }: Pick<Tools, 'settings' | 'dataDir'>): Promise<PriceBook> {
  const found: PriceSheet[] = [];
  const { 'gateway.priceSheet': signed, 'gateway.priceKey': key, 'gateway.prices': own } = settings;
  if (signed !== undefined && key !== undefined) {
    const path = resolve(dataDir, signed);
    found.push(readSignedSheet(path, await readJsonFile(path), readTextFile(resolve(dataDir, key))));
  }
  if (own !== undefined) found.push(readPriceSheet(resolve(dataDir, own), yamlIn(resolve(dataDir, own))));
  return new PriceBook(found);
}

function yamlIn(path: string): unknown {
  try {
    return parse(readTextFile(path));
  } catch (cause) {
    throw new AppError('GATEWAY_FILE_UNREADABLE', `cannot read ${path}`, { details: { path }, cause });
  }
}
