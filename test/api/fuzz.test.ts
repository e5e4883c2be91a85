import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type Random, seededRandom } from '#kernel/random.ts';
import { API_BASE, type Route, type RouteName, ROUTES } from '#api/index.ts';
import { server } from '#server/serve.ts';
import { openPlace, type Place } from './place.ts';
import { SAMPLES } from './requests.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace({ MAESTRO_HTTP_REQUESTS_PER_MINUTE: '1000000' });
});
afterAll(() => place[Symbol.asyncDispose]());

const ROUNDS = inject('fullSize') ? 40 : 4;
const HOSTILE = [
  null,
  -1,
  0,
  1e308,
  '',
  ' ',
  '\u0000',
  '../..',
  '*',
  '%',
  "' or 1=1 --",
  '🚀',
  [],
  {},
  true,
  'a'.repeat(5000),
];

type Schema = { readonly [name: string]: unknown };

/** A value that the schema allows. */
function allowed(schema: Schema, random: Random): unknown {
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)] as T;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return pick(schema['enum'] as unknown[]);
  const options = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
  if (options !== undefined) return allowed(pick(options), random);
  if (schema['type'] === 'object') {
    const required = (schema['required'] ?? []) as string[];
    const result: { [name: string]: unknown } = {};
    for (const [name, each] of Object.entries((schema['properties'] ?? {}) as { [name: string]: Schema })) {
      if (required.includes(name) || random.integer(2) === 0) result[name] = allowed(each, random);
    }
    if (typeof schema['additionalProperties'] === 'object' && random.integer(2) === 0) {
      result['from'] = allowed(schema['additionalProperties'] as Schema, random);
    }
    return result;
  }
  if (schema['type'] === 'array') {
    const length = Number(schema['minItems'] ?? 0) + random.integer(2);
    return Array.from({ length }, () => allowed((schema['items'] ?? {}) as Schema, random));
  }
  if (schema['type'] === 'integer' || schema['type'] === 'number') {
    const least = Number(schema['minimum'] ?? schema['exclusiveMinimum'] ?? 0);
    const most = Math.min(Number(schema['maximum'] ?? schema['exclusiveMaximum'] ?? 1000), least + 1000);
    const whole = least + random.integer(Math.max(1, Math.floor(most - least)));
    return schema['type'] === 'integer' ? Math.max(1, whole) : least + (most - least) / 2;
  }
  if (schema['type'] === 'boolean') return random.integer(2) === 0;
  return pick(['acme', 'x', 'greeting', 'human:acme-viewer', 'task.submit', 'PATH_DENIED', 'é🚀']);
}

/** The same with one thing wrong in it: a field too many, one of another kind, one missing, or another kind as a whole. */
function broken(value: unknown, random: Random): unknown {
  const hostile = HOSTILE[random.integer(HOSTILE.length)];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return hostile;
  const names = Object.keys(value);
  const name = names[random.integer(Math.max(1, names.length))];
  if (name === undefined || random.integer(3) === 0) return { ...value, surplus: hostile };
  if (random.integer(3) === 0) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
  return { ...value, [name]: hostile };
}

/** Members of an answer that its schema does not name, by path. */
function surplusIn(schema: Schema, value: unknown, at = ''): readonly string[] {
  const options = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
  if (options !== undefined) {
    return options.map((option) => surplusIn(option, value, at)).toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
  if (Array.isArray(value))
    return value.flatMap((item, i) => surplusIn((schema['items'] ?? {}) as Schema, item, `${at}/${i}`));
  const named = schema['properties'] as { readonly [name: string]: Schema } | undefined;
  if (typeof value !== 'object' || value === null || named === undefined) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const member = named[name];
    return member === undefined ? [`${at}/${name}`] : surplusIn(member, each, `${at}/${name}`);
  });
}

const told = z.object({
  code: z.string().regex(/^[A-Z_]+$/),
  cure: z.string().min(1),
  status: z.number(),
  detail: z.string(),
});

it('no request, however made, is a fault of the server, lets a field through that no schema names, or answers otherwise than it says', async () => {
  const app = server(place.house);
  await app.ready();
  const random = seededRandom(11);
  const counts = { requests: 0, done: 0, refused: 0 };
  const faults: unknown[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, route] of Object.entries<Route>(ROUTES)) {
      if (route.answers === 'events') continue;
      const sample = await SAMPLES[name as RouteName]({ place, team: place.acme, role: 'platform-admin' });
      const schema = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' }) as Schema;
      for (const kind of ['sound', 'broken', 'path', 'query', 'surplus'] as const) {
        const path = { ...sample.path };
        const [first] = Object.keys(path);
        if (kind === 'path' && first !== undefined)
          path[first] = String(HOSTILE[random.integer(HOSTILE.length)]).slice(0, 150);
        const good = route.bodyless ? undefined : allowed(schema, random);
        const body = kind === 'broken' && !route.bodyless ? broken(good, random) : good;
        const surplus = kind === 'surplus' && !route.bodyless ? { ...(good as object), surplus: 1 } : body;
        const address = route.path.replace(/\{(\w+)\}/g, (_all, part: string) => encodeURIComponent(path[part] ?? ''));
        const query =
          kind === 'query' ? `?${random.integer(2) === 0 ? 'surplus=1' : 'limit=-1&cursor=%00&state=x'}` : '';
        const answer = await app.inject({
          method: route.method,
          url: `${API_BASE}${address}${query}`,
          headers: { authorization: `Bearer ${place.acme.keys['platform-admin']}`, host: '127.0.0.1' },
          ...(surplus === undefined
            ? {}
            : {
                headers: {
                  authorization: `Bearer ${place.acme.keys['platform-admin']}`,
                  host: '127.0.0.1',
                  'content-type': 'application/json',
                },
                payload: JSON.stringify(surplus),
              }),
        });
        counts.requests += 1;
        const { statusCode } = answer;
        if (statusCode < 400) counts.done += 1;
        else counts.refused += 1;
        const passed = statusCode < 400 && (kind === 'query' || (kind === 'surplus' && !route.bodyless));
        const shape =
          statusCode < 400
            ? (route.answers === 'text' ? z.string() : route.answer).safeParse(
                route.answers === 'text' ? answer.body : answer.json(),
              )
            : told.safeParse(answer.json());
        const extra =
          statusCode < 400 && route.answers !== 'text'
            ? surplusIn(z.toJSONSchema(route.answer, { io: 'output', unrepresentable: 'any' }) as Schema, answer.json())
            : [];
        if (statusCode >= 500 || passed || !shape.success || extra.length > 0) {
          faults.push({
            name,
            kind,
            address,
            query,
            body: surplus,
            status: statusCode,
            extra,
            answer: answer.body.slice(0, 300),
          });
        }
      }
    }
  }
  await app.close();
  console.log(`fuzz: ${counts.requests} requests, ${counts.done} done, ${counts.refused} refused`);

  expect(faults.slice(0, 5)).toEqual([]);
  expect(counts.done).toBeGreaterThan(100);
});
