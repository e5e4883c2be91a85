import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { opaServer } from '#adapters/opa-server/index.ts';
import { openOpaWasm } from '#adapters/opa-wasm/index.ts';
import { SHIPPED_POLICIES } from '#app/governance/policy-engine.ts';
import { ACTIONS } from '#domain/action.ts';
import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import { builtinPolicy, outsideEngine, type PolicyEngine } from '#policy/index.ts';
import { opaBinary, startOpa, type TestOpa } from '../engines/opa.ts';
import { randomInput } from '../policy/random-input.ts';
import { VECTORS } from '../policy/vectors.ts';

const BUNDLES = join(SHIPPED_POLICIES, 'build');
const binary = await opaBinary();
let server: TestOpa | undefined;

const ENGINES = ['builtin', 'opa-wasm', 'opa-server'] as const;
/** Random inputs for each engine; a server is asked over the network. */
const RANDOM = { builtin: 100, 'opa-wasm': 5000, 'opa-server': 500 };

beforeAll(async () => {
  if (binary !== undefined) server = await startOpa(binary, ['--bundle', join(BUNDLES, 'bundle.tar.gz')]);
}, 900_000);
afterAll(() => server?.stop());

async function engineOf(name: (typeof ENGINES)[number]): Promise<PolicyEngine> {
  if (name === 'builtin') return builtinPolicy;
  if (name === 'opa-wasm') return outsideEngine(await openOpaWasm(BUNDLES));
  if (server === undefined) throw new Error('no server');
  return outsideEngine(opaServer({ url: server.url, timeoutMs: 30_000 }));
}

/** All that must be the same, texts included. */
function essence({ allow, reasons, obligations }: Omit<PolicyDecision, 'id'>): unknown {
  return { allow, reasons, obligations };
}

/** Inputs that the engine decides otherwise than the built-in table does. */
async function disagreements(engine: PolicyEngine, inputs: readonly PolicyInput[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const input of inputs) {
    const here = essence(await builtinPolicy.decide(input));
    const there = essence(await engine.decide(input));
    if (JSON.stringify(here) !== JSON.stringify(there)) found.push({ input: JSON.stringify(input), here, there });
  }
  return found.slice(0, 3);
}

describe.each(ENGINES)('the policy engine %s', (name) => {
  const missing = name === 'opa-server' && binary === undefined;

  it.skipIf(missing)('gives each vector its reasons and obligations, in order', async () => {
    const engine = await engineOf(name);
    const wrong: unknown[] = [];
    for (const vector of VECTORS) {
      const decision = await engine.decide(vector.input);
      const deny = decision.reasons.map(({ code }) => code);
      const person = decision.obligations.map(({ because }) => because.code);
      const allow = vector.deny.length === 0;
      if (deny.join() !== vector.deny.join() || person.join() !== vector.person.join() || decision.allow !== allow) {
        wrong.push({ vector: vector.name, deny, person });
      }
    }

    expect(wrong).toEqual([]);
  });

  it.skipIf(missing)('says word for word what the built-in table says', async () => {
    expect(
      await disagreements(
        await engineOf(name),
        VECTORS.map(({ input }) => input),
      ),
    ).toEqual([]);
  });

  it.skipIf(missing)('agrees with the built-in table on random and hostile inputs', async () => {
    const random = seededRandom(20);
    const inputs = Array.from({ length: RANDOM[name] }, () => randomInput(random));

    expect(await disagreements(await engineOf(name), inputs)).toEqual([]);
  });

  it.skipIf(missing)('denies what would not reach it unchanged', async () => {
    const engine = await engineOf(name);
    const [{ input } = { input: undefined }] = VECTORS;
    const half = { ...input, note: '\ud800' };
    const nan = { ...input, note: Number.NaN };
    const cycle: { [name: string]: unknown } = { ...input };
    cycle['self'] = cycle;

    for (const hostile of [half, nan, cycle, undefined, 'text'] as unknown as PolicyInput[]) {
      const decision = await engine.decide(hostile);
      expect(decision.allow).toBe(false);
      expect(decision.reasons.map(({ code }) => code)).toEqual(['INPUT_INVALID']);
    }
  });

  it.skipIf(missing)('names itself and a digest of its rules', async () => {
    const [vector] = VECTORS;
    const decision = await (await engineOf(name)).decide(vector?.input as PolicyInput);

    expect(decision.engine).toBe(name);
    expect(decision.policyDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(decision.engineDecision !== undefined).toBe(name === 'opa-server');
  });
});

describe('the vectors', () => {
  it('hold an allowed case for every action', () => {
    const allowed = new Set(VECTORS.filter(({ deny }) => deny.length === 0).map(({ input }) => input.action?.name));

    expect(ACTIONS.filter((action) => !allowed.has(action))).toEqual([]);
  });

  it('and random inputs make every rule speak', async () => {
    const random = seededRandom(20);
    const codes = new Map<string, number>();
    for (let i = 0; i < 8000; i++) {
      const { allow, reasons, obligations } = await builtinPolicy.decide(randomInput(random));
      const said = [...reasons.map(({ code }) => code), ...obligations.map(({ because }) => because.code)];
      for (const code of allow ? [...said, 'allowed'] : said) codes.set(code, (codes.get(code) ?? 0) + 1);
    }

    expect(Math.min(...codes.values())).toBeGreaterThan(5);
    expect(codes.size).toBe(22);
  });
});
