import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Double, readInvoice, readScript, startDouble } from '#adapters/provider-double/index.ts';
import { pageModelCalls } from '#adapters/sql/index.ts';
import { issueKey } from '#app/gateway/keys.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { type NanoUsd, usd } from '#kernel/money.ts';
import { serveGateway } from '#server/gateway/serve.ts';

const PRICES = {
  'gpt-4o-mini': { input: '0.15', output: '0.6', cacheRead: '0.075' },
  'claude-haiku-4-5': { input: '1', output: '5', cacheRead: '0.1', cacheWrite: '1.25' },
};
const SCRIPT = {
  rules: [
    {
      contains: 'weather',
      turns: [
        { text: 'Let me look.', calls: [{ name: 'get_weather', arguments: { city: 'Paris', days: 2 } }] },
        { text: 'It is sunny in Paris.' },
      ],
    },
  ],
};
const ADMIN = person('ada');

/** The gateway on a real store with real connections, and a double behind it in each format that providers speak. */
export class GatewayPlace implements AsyncDisposable {
  readonly #dir: string;
  readonly house: House & AsyncDisposable;
  readonly double: Double;
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    dir: string;
    house: House & AsyncDisposable;
    double: Double;
    url: string;
    close: () => Promise<void>;
  }) {
    this.#dir = parts.dir;
    this.house = parts.house;
    this.double = parts.double;
    this.url = parts.url;
    this.#close = parts.close;
  }

  static async open(): Promise<GatewayPlace> {
    const dir = mkdtempSync(join(tmpdir(), 'maestro-gateway-'));
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'provider.key'), 'sk-company-secret\n');
    const double = await startDouble({
      port: 0,
      prices: PRICES,
      script: readScript(SCRIPT),
      invoice: join(dir, 'invoice.jsonl'),
      key: 'sk-company-secret',
    });
    writeFileSync(
      join(dir, 'data', 'gateway.yaml'),
      JSON.stringify(gatewayFile(double.url, join(dir, 'provider.key'))),
    );
    writeFileSync(join(dir, 'data', 'config.yaml'), 'gateway.answerTimeout: 1s\ngateway.drain: 5s\nlog.level: error\n');
    const house = await openHouse({ dataDir: join(dir, 'data') });
    const open = await house.openGateway();
    await open.start();
    const stop = new AbortController();
    const running = open.run(stop.signal);
    const served = await serveGateway(open, { host: '127.0.0.1', port: 0 });
    const close = async (): Promise<void> => {
      await served[Symbol.asyncDispose]();
      stop.abort();
      await running;
    };
    return new GatewayPlace({ dir, house, double, url: served.url, close });
  }

  async tenant(id: string, more: Partial<Tenant> = {}): Promise<Tenant> {
    return createTenant(this.house, { ...tenantDefaults(this.house, id), budgetNano: usd(100), ...more }, ADMIN);
  }

  async key(
    tenant: Tenant,
    more: { models?: readonly string[]; capNano?: NanoUsd; lifeMs?: number } = {},
  ): Promise<{ token: string; id: string }> {
    const { token, key } = await issueKey(
      this.house,
      tenant,
      {
        models: more.models ?? [],
        capNano: more.capNano ?? null,
        priority: 'hi',
        expiresAt: millis(this.house.clock.now() + (more.lifeMs ?? 3_600_000)),
      },
      ADMIN,
    );
    return { token, id: key.id };
  }

  /** The record of calls; the end of a call comes on it a moment after the answer. */
  async calls(tenant: Tenant): ReturnType<typeof pageModelCalls> {
    for (let tries = 0; ; tries++) {
      const calls = await pageModelCalls(this.house.store.queue, { tenant: tenant.id, limit: 1000 });
      if (tries === 50 || calls.every(({ source }) => source !== null)) return calls;
      await this.house.clock.sleep(10);
    }
  }

  invoice(): ReturnType<typeof readInvoice> {
    return readInvoice(join(this.#dir, 'invoice.jsonl'));
  }

  /** Everything in the data directory as one text, to look for secrets. */
  database(): string {
    return (
      readFileSync(join(this.#dir, 'data', 'maestro.db'), 'latin1') +
      readFileSync(join(this.#dir, 'data', 'maestro.db-wal'), 'latin1')
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.double[Symbol.asyncDispose]();
    await this.house[Symbol.asyncDispose]();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function gatewayFile(url: string, keyFile: string): object {
  const at = { url: `${url}/v1`, keyFile, region: 'local', dataClass: 'internal' };
  return {
    providers: {
      chat: { api: 'openai', formats: ['chat'], prices: 'openai', ...at },
      responses: { api: 'openai', formats: ['responses'], prices: 'openai', ...at },
      messages: { api: 'anthropic', prices: 'anthropic', ...at },
      abroad: { api: 'openai', prices: 'openai', ...at, region: 'elsewhere' },
      gone: { api: 'openai', prices: 'openai', ...at, url: 'http://127.0.0.1:9/v1' },
      'no-key': { api: 'openai', prices: 'openai', ...at, keyFile: 'lost.key' },
      locked: { api: 'openai', prices: 'openai', ...at, keyFile: undefined },
    },
    models: {
      'on-chat': ['chat/gpt-4o-mini'],
      'on-responses': ['responses/gpt-4o-mini'],
      'on-messages': ['messages/claude-haiku-4-5'],
      'with-fallback': ['gone/gpt-4o-mini', 'chat/gpt-4o-mini'],
      'only-gone': ['gone/gpt-4o-mini'],
      'only-abroad': ['abroad/gpt-4o-mini'],
      unpriced: ['chat/secret-model'],
      'messages-first': ['messages/claude-haiku-4-5', 'chat/gpt-4o-mini'],
      'no-key': ['no-key/gpt-4o-mini'],
      'no-access': ['locked/gpt-4o-mini'],
    },
    auto: ['on-chat', 'on-messages'],
  };
}
