import { z } from 'zod';
import { nearest } from '#kernel/nearest.ts';
import { DATA_CLASSES, type DataClass } from '#domain/tenant.ts';
import { GatewayError } from './errors.ts';
import { FORMATS, type FormatName } from './formats/format.ts';

/** Name under which clients ask for the plan that the conductor chooses. */
export const AUTO = 'maestro/auto';

const SPEAKS: { readonly [api in Provider['api']]: readonly FormatName[] } = {
  openai: ['chat', 'responses'],
  anthropic: ['messages'],
  'openai-compatible': ['chat'],
};

const name = z.string().min(1);
const provider = z.strictObject({
  api: z.enum(['openai', 'anthropic', 'openai-compatible']),
  url: z.url({ protocol: /^https?$/ }),
  keyFile: name.optional(),
  formats: z.array(z.enum(FORMATS)).min(1).optional(),
  prices: name.optional(),
  region: name,
  dataClass: z.enum(DATA_CLASSES),
  requestsPerMinute: z.number().int().positive().optional(),
  tokensPerMinute: z.number().int().positive().optional(),
});
const targets = z.array(z.string().regex(/^[^/]+\/.+$/, 'write provider/model')).min(1);
const model = z.union([
  targets,
  z.strictObject({
    targets,
    contextWindow: z.number().int().positive().optional(),
    maxOutput: z.number().int().positive().optional(),
  }),
]);
const schema = z.strictObject({
  providers: z.record(z.string().regex(/^[a-z0-9-]+$/), provider),
  models: z.record(name, model),
  auto: z.array(name).min(1).optional(),
});

/** A server that answers model calls, under one key of the company. */
export interface Provider {
  readonly name: string;
  readonly api: 'openai' | 'anthropic' | 'openai-compatible';
  /** With the version in its path, without a slash at the end. */
  readonly url: string;
  /** File of its key; undefined for a server that wants none. */
  readonly keyFile: string | undefined;
  readonly formats: readonly FormatName[];
  /** Name of the provider in price sheets. */
  readonly prices: string;
  readonly region: string;
  readonly dataClass: DataClass;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
}

/** Where one model can be had. */
export interface Target {
  readonly provider: Provider;
  /** As the provider names it. */
  readonly model: string;
}

export interface Model {
  readonly name: string;
  /** The first one is used; the others when it is out of order. */
  readonly targets: readonly Target[];
  /** Tokens; Infinity when nobody says. */
  readonly contextWindow: number;
  /** Most tokens of output when the client does not say. */
  readonly maxOutput: number;
}

const MAX_OUTPUT = 32_000;

/** The providers and models of the gateway file. Names are exact: what is not listed does not exist. */
export class Catalog {
  readonly providers: readonly Provider[];
  readonly models: ReadonlyMap<string, Model>;
  /** Rungs of `maestro/auto` until something better chooses, cheapest first. */
  readonly ladder: readonly string[];

  private constructor(providers: readonly Provider[], models: ReadonlyMap<string, Model>, ladder: readonly string[]) {
    this.providers = providers;
    this.models = models;
    this.ladder = ladder;
  }

  /** Reads the content of a gateway file. Throws GATEWAY_CONFIG_INVALID, naming the place. */
  static read(where: string, content: unknown): Catalog {
    const read = schema.safeParse(content);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw invalid(where, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`);
    }
    const providers = new Map(Object.entries(read.data.providers).map(([key, each]) => [key, providerOf(key, each)]));
    const models = new Map<string, Model>();
    for (const [key, each] of Object.entries(read.data.models)) {
      const entry = Array.isArray(each) ? { targets: each } : each;
      models.set(key, {
        name: key,
        targets: entry.targets.map((text) => targetOf(where, text, providers)),
        contextWindow: ('contextWindow' in entry ? entry.contextWindow : undefined) ?? Number.POSITIVE_INFINITY,
        maxOutput: ('maxOutput' in entry ? entry.maxOutput : undefined) ?? MAX_OUTPUT,
      });
    }
    for (const rung of read.data.auto ?? []) {
      if (!models.has(rung)) throw invalid(where, `auto names ${rung}, which is no model of this file`);
    }
    if (models.has(AUTO)) throw invalid(where, `${AUTO} is a name of the gateway itself`);
    return new Catalog([...providers.values()], models, read.data.auto ?? []);
  }

  /** Throws MODEL_UNKNOWN. */
  model(asked: string): Model {
    const found = this.models.get(asked);
    if (found !== undefined) return found;
    const meant = nearest(asked, [...this.models.keys()]);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new GatewayError('MODEL_UNKNOWN', `there is no model "${asked}"${hint}`, { model: asked });
  }
}

function providerOf(key: string, read: z.infer<typeof provider>): Provider {
  return {
    name: key,
    api: read.api,
    url: read.url.replace(/\/+$/, ''),
    keyFile: read.keyFile,
    formats: read.formats ?? SPEAKS[read.api],
    prices: read.prices ?? key,
    region: read.region,
    dataClass: read.dataClass,
    requestsPerMinute: read.requestsPerMinute,
    tokensPerMinute: read.tokensPerMinute,
  };
}

function targetOf(where: string, text: string, providers: ReadonlyMap<string, Provider>): Target {
  const slash = text.indexOf('/');
  const found = providers.get(text.slice(0, slash));
  if (found === undefined) throw invalid(where, `${text} names no provider of this file`);
  return { provider: found, model: text.slice(slash + 1) };
}

function invalid(where: string, why: string): GatewayError {
  return new GatewayError('GATEWAY_CONFIG_INVALID', `${where}: ${why}`, { where });
}
