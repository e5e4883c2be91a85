import { z } from 'zod';
import { BUDGET_PERIODS, DATA_CLASSES } from '#domain/tenant.ts';
import { route } from '../route.ts';
import { budget, dollars, inPlace, inTenant, json, millis, name, reason, tenantId } from '../schemas.ts';

const stopped = z.object({ scope: z.string(), tenants: z.array(z.string()), changed: z.boolean() });

const worker = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  labels: z.array(z.string()),
  slots: z.number().int(),
  running: z.number().int(),
  state: z.enum(['serving', 'cordoned', 'draining', 'lost']),
  startedAt: millis,
  seenMsAgo: z.number(),
});

const pool = z.object({
  pool: z.string(),
  backlog: z.number().int(),
  running: z.number().int(),
  workers: z.number().int(),
  slots: z.number().int(),
  load: z.number().nullable(),
});

const objective = z.object({
  tenant: z.string(),
  class: z.string(),
  target: z.number(),
  startWithinMs: z.number(),
  windowMs: z.number(),
  burn: z.record(z.string(), z.object({ long: z.number(), short: z.number(), threshold: z.number() })),
  firing: z.array(z.string()),
  budgetLeft: z.number(),
  throttles: z.array(z.object({ measure: z.string(), value: z.number(), since: z.number(), means: z.string() })),
});

const autonomy = z.object({
  repo: z.string(),
  work: z.string(),
  level: z.string(),
  allowed: z.string(),
  earned: z.record(z.string(), json),
});

const gatewayFigures = z.object({
  models: z.array(z.record(z.string(), json)),
  exact: z.record(z.string(), json),
  prefix: z.record(z.string(), json),
});

/** Dollars for a million tokens; null when nobody says, and then the model is not called. */
const model = z.object({
  model: z.string(),
  provider: z.string(),
  region: z.string(),
  dataClass: z.enum(DATA_CLASSES),
  inputUsd: z.number().nullable(),
  outputUsd: z.number().nullable(),
  rung: z.number().int().nullable(),
  usable: z.boolean(),
  reasons: z.array(reason),
});

const modelKey = z.object({
  id: z.string(),
  principal: z.string(),
  models: z.array(z.string()),
  createdAt: millis,
  expiresAt: millis,
  revokedAt: millis.nullable(),
});

const ofScope = z.strictObject({ scope: z.string().regex(/^(?:org|team:[a-z0-9-]{1,40})$/) });

/** The fleet at work: stop and go, workers, promises, money above tenants, models. */
export const FLEET_ROUTES = {
  stop: route({
    method: 'POST',
    path: '/tenants/{tenant}/stop',
    group: 'Fleet',
    summary: 'Emergency stop of a tenant, or of everything for `*`: no new model call, push or landing',
    action: 'tenant.stop',
    params: inPlace,
    answer: stopped,
  }),
  resume: route({
    method: 'POST',
    path: '/tenants/{tenant}/resume',
    group: 'Fleet',
    summary: 'Let stopped work go on from its last step',
    action: 'tenant.resume',
    params: inPlace,
    answer: stopped,
  }),
  listWorkers: route({
    method: 'GET',
    path: '/workers',
    group: 'Fleet',
    summary: 'List the workers: what they have, run, and shall do',
    action: 'platform.read',
    answer: z.object({ items: z.array(worker) }),
  }),
  listPools: route({
    method: 'GET',
    path: '/pools',
    group: 'Fleet',
    summary: 'Show demand and supply of each pool of workers',
    action: 'platform.read',
    answer: z.object({ items: z.array(pool) }),
  }),
  setWorker: route({
    method: 'PUT',
    path: '/workers/{worker}',
    group: 'Fleet',
    summary: 'Let a worker serve, take nothing new, or finish what it runs and end',
    action: 'worker.set',
    params: z.strictObject({ worker: z.string().min(1).max(300) }),
    body: z.strictObject({ wanted: z.enum(['serving', 'cordoned', 'draining']) }),
    answer: worker,
  }),
  listObjectives: route({
    method: 'GET',
    path: '/tenants/{tenant}/slo',
    group: 'Fleet',
    summary: 'Show each objective, how fast its error budget burns, and what the system does about it',
    action: 'tenant.read',
    params: inPlace,
    answer: z.object({ items: z.array(objective) }),
  }),
  listAutonomy: route({
    method: 'GET',
    path: '/tenants/{tenant}/autonomy',
    group: 'Tenants',
    summary: 'Show what each kind of work may do by itself in each repository, and why',
    action: 'tenant.read',
    params: inTenant,
    answer: z.object({ items: z.array(autonomy) }),
  }),
  setBudget: route({
    method: 'PUT',
    path: '/budgets/{scope}',
    group: 'Budgets',
    summary: 'Give the company (`org`) or a team (`team:NAME`) a cap; null takes it away',
    action: 'budget.topup',
    params: ofScope,
    body: z.strictObject({ capUsd: dollars.nullable(), period: z.enum(BUDGET_PERIODS).default('month') }),
    answer: z.object({ items: z.array(budget) }),
  }),
  topUpScope: route({
    method: 'POST',
    path: '/budgets/{scope}/top-ups',
    group: 'Budgets',
    summary: 'Raise the cap of the company or of a team',
    action: 'budget.topup',
    params: ofScope,
    body: z.strictObject({ amountUsd: z.number().gt(0).max(1e6) }),
    answer: z.object({ items: z.array(budget) }),
    status: 201,
  }),
  showModels: route({
    method: 'GET',
    path: '/tenants/{tenant}/models',
    group: 'Models',
    summary: 'Show what the calls of models came to',
    action: 'tenant.read',
    params: inPlace,
    answer: gatewayFigures,
  }),
  listModels: route({
    method: 'GET',
    path: '/tenants/{tenant}/models/usable',
    group: 'Models',
    summary: 'List the models of the gateway file: price, place on the ladder, and whether the tenant may use them',
    action: 'tenant.read',
    params: inTenant,
    answer: z.object({ items: z.array(model) }),
  }),
  listModelKeys: route({
    method: 'GET',
    path: '/tenants/{tenant}/model-keys',
    group: 'Models',
    summary: 'List the keys with which a tenant calls models',
    action: 'tenant.read',
    params: inTenant,
    answer: z.object({ items: z.array(modelKey) }),
  }),
  createModelKey: route({
    method: 'POST',
    path: '/tenants/{tenant}/model-keys',
    group: 'Models',
    summary: 'Make a key that calls models as the caller; its text is told this once',
    action: 'model.call',
    params: inTenant,
    body: z.strictObject({
      models: z.array(name).max(100).default([]),
      maxUsd: dollars.optional(),
      lastsMs: z.number().int().min(1000).max(31_536_000_000).optional(),
    }),
    answer: z.object({ key: modelKey, text: z.string() }),
    status: 201,
    secret: true,
  }),
  revokeModelKey: route({
    method: 'DELETE',
    path: '/tenants/{tenant}/model-keys/{key}',
    group: 'Models',
    summary: 'End a key that calls models',
    action: 'key.revoke',
    params: z.strictObject({ tenant: tenantId, key: name }),
    answer: modelKey,
  }),
};
