import { z } from 'zod';
import { CHANGE_STATES } from '#domain/change.ts';
import { EVENT_TYPES } from '#domain/event.ts';
import { ROLES } from '#domain/grant.ts';
import { TASK_STATES } from '#domain/task.ts';
import { AUTONOMY_LEVELS, BUDGET_PERIODS, DATA_CLASSES } from '#domain/tenant.ts';

/** A text that somebody types; the server keeps no unbounded ones. */
export const text = (most: number): z.ZodString => z.string().max(most);
export const name = z.string().min(1).max(100);
// Sums are whole nano-dollars, exact up to nine million dollars.
export const dollars = z.number().min(0).max(1e6);
export const role = z.enum(ROLES);

const TENANT = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Id of a tenant. */
export const tenantId = z.string().regex(TENANT);
/** Id of a tenant, or `*` for the installation itself. */
export const place = z.string().regex(/^(?:\*|[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)$/);

export const inTenant = z.strictObject({ tenant: tenantId });
export const inPlace = z.strictObject({ tenant: place });
export const ofTask = z.strictObject({ tenant: tenantId, task: name });
export const ofChange = z.strictObject({ tenant: tenantId, change: name });

const limit = z.coerce.number().int().min(1).max(200).default(50);
/** How lists are read: `next` of one page is the `cursor` of the following one. */
export const paging = { limit, cursor: text(100).optional() };

/** One page of a list. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

export const json = z.unknown();
export const millis = z.number().int();
export const nullable = z.string().nullable();
export const reason = z.object({ code: z.string(), msg: z.string(), field: z.string(), fix: z.string() });

/** Every error of the API (RFC 9457), with Maestro's code and cure. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  cure: z.string(),
  reasons: z.array(reason).optional(),
  details: z.record(z.string(), json).optional(),
});

const texts = z.array(text(200)).max(200);
const level = z.enum(AUTONOMY_LEVELS);
/** What policy decides by; an absent list allows what the platform allows. */
const tenantRules = z.strictObject({
  recipes: texts.optional(),
  agents: texts.optional(),
  models: texts.optional(),
  plugins: texts.optional(),
  licences: texts.optional(),
  deniedPaths: texts.optional(),
  protectedPaths: texts.optional(),
  autonomy: level.optional(),
  autonomyFor: z
    .record(
      z
        .string()
        .max(200)
        .regex(/^(repo|recipe|agent):./),
      level,
    )
    .optional(),
});

/** Settings of a tenant that may be given; what is left out is the default, or stays. */
export const tenantSettings = z.strictObject({
  weight: z.number().min(0.01).max(1000).optional(),
  team: tenantId.optional(),
  budgetUsd: dollars.optional(),
  period: z.enum(BUDGET_PERIODS).optional(),
  slo: z.number().gt(0).lt(1).optional(),
  startWithinMs: z.number().int().min(1).max(604_800_000).optional(),
  regions: texts.optional(),
  dataClass: z.enum(DATA_CLASSES).optional(),
  policy: tenantRules.optional(),
});

export const tenant = z.object({
  id: z.string(),
  weight: z.number(),
  team: nullable,
  budget: z.object({
    capUsd: z.number(),
    spentUsd: z.number(),
    heldUsd: z.number(),
    period: z.enum(BUDGET_PERIODS),
    periodEndsAt: millis.nullable(),
  }),
  slo: z.object({ target: z.number(), startWithinMs: millis }),
  region: z.array(z.string()),
  dataClass: z.enum(DATA_CLASSES),
  policy: z.record(z.string(), json),
});

export const repository = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  defaultBranch: z.string(),
  head: z.string(),
  origin: z.string(),
  testCommand: z.array(z.string()).nullable(),
});

export const task = z.object({
  task: z.string(),
  tenant: z.string(),
  repo: z.string(),
  key: z.string(),
  what: z.string(),
  model: nullable,
  state: z.enum(TASK_STATES),
  reasons: z.array(reason),
  change: nullable,
  landed: nullable,
  card: nullable,
  evidence: nullable,
  costUsd: z.number(),
  gramsCO2e: z.number().nullable(),
});

const step = z.object({ name: z.string(), state: z.string(), ms: z.number(), costUsd: z.number() });
/** What the system did by itself, from its card. */
const automaticDecision = z.object({
  id: z.string(),
  event: z.string(),
  at: millis,
  tenant: z.string(),
  task: nullable,
  title: z.string(),
  decision: z.string(),
  rule: z.string(),
  reasons: z.array(reason),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  nextStep: z.string(),
});

/** What a run thinks with: models, cheapest first, from the one that was asked for unless the budget took it away. */
const plan = z.object({
  id: z.string(),
  rungs: z.array(z.string()),
  propensity: z.number(),
  asked: z.string().optional(),
  shift: z.object({ plan: z.string(), without: z.array(z.string()), because: z.string().optional() }).optional(),
});

export const taskDetails = task.extend({
  waitsFor: z.string(),
  submittedAt: millis,
  waitedMs: z.number(),
  ranMs: z.number(),
  plan: plan.nullable(),
  runs: z.array(z.object({ run: z.string(), epoch: z.number(), state: z.string(), steps: z.array(step) })),
  decisions: z.array(automaticDecision),
});

const attempt = z.object({
  outcome: z.enum(['passed', 'failed', 'unknown']),
  exitCode: z.number().int().nullable(),
  wallMs: z.number(),
  outputSha256: z.string(),
  output: z.object({ stdout: z.string(), stderr: z.string(), whole: z.boolean() }).nullable(),
});

/** One run of a test command for a task. */
export const testRun = z.object({
  run: z.string(),
  step: z.string(),
  at: millis,
  tested: z.enum(['base', 'change', 'landing']),
  tree: z.string(),
  command: z.array(z.string()),
  outcome: z.enum(['passed', 'failed', 'unknown']),
  flaky: z.boolean(),
  passed: z.number().int().nullable(),
  wallMs: z.number(),
  cached: z.boolean(),
  sandbox: z.string(),
  reasons: z.array(reason),
  attempts: z.array(attempt),
});

export const change = z.object({
  id: z.string(),
  tenant: z.string(),
  repo: z.string(),
  task: z.string(),
  branch: z.string(),
  state: z.enum(CHANGE_STATES),
  title: z.string(),
  base: z.string(),
  head: z.string(),
  openedAt: millis,
  landed: nullable,
  waitsFor: z.array(reason),
});

const digest = z.string();

/** How one file was merged that both sides of a change had changed. */
const mergedFile = z.object({
  path: z.string(),
  rule: z.string(),
  tier: z.enum(['auto', 'suggest', 'leave']),
  confidence: z.number(),
  reasons: texts,
  record: z
    .object({
      digests: z.object({ base: digest, ours: digest, theirs: digest, merged: digest }),
      gates: z.array(z.object({ gate: z.string(), ok: z.boolean(), detail: z.string() })),
    })
    .optional(),
});

export const changeDetails = change.extend({
  body: z.string(),
  checks: z.array(z.object({ name: z.string(), outcome: z.string(), summary: z.string() })),
  card: nullable,
  evidence: z.string(),
  waitsSince: millis.nullable(),
  line: z.object({ place: z.number(), ahead: nullable }).nullable(),
  merge: z.array(mergedFile),
  comments: z.array(z.object({ author: z.string(), body: z.string(), at: millis })),
});

export const inboxItem = z.object({
  change: z.string(),
  tenant: z.string(),
  title: z.string(),
  ageMs: z.number(),
  asks: z.array(reason),
});

export const budget = z.object({
  scope: z.string(),
  capUsd: z.number().nullable(),
  spentUsd: z.number(),
  heldUsd: z.number(),
  keptForHiUsd: z.number(),
  pace: z.number().nullable(),
  periodEndsAt: millis.nullable(),
});

const obligation = z.object({ kind: z.literal('person'), because: reason });
export const verdict = z.object({
  allow: z.boolean(),
  reasons: z.array(reason),
  obligations: z.array(obligation),
  engine: z.string(),
  policyDigest: z.string(),
});

export const decision = verdict.extend({
  id: z.string(),
  at: millis,
  task: nullable,
  action: z.string(),
  by: z.string(),
  delegatedBy: nullable,
  resource: z.record(z.string(), json),
  engineDecision: nullable,
  override: nullable,
});

export const evidence = z.object({
  task: z.string(),
  attempt: z.number(),
  card: z.string(),
  statements: z.array(z.object({ name: z.string(), predicateType: z.string(), digest: z.string(), leaf: z.number() })),
});

export const webhook = z.object({
  id: z.string(),
  tenant: z.string(),
  url: z.string(),
  types: z.array(z.string()),
  createdAt: millis,
  createdBy: z.string(),
  stoppedAt: millis.nullable(),
});

/** An exception to policy with its state now. */
export const override = z.record(z.string(), json);

/** The folder that `maestro evidence verify` reads, as names and base64. */
export const evidenceFolder = z.object({ files: z.array(z.object({ path: z.string(), base64: z.string() })) });

export const verification = z.object({
  ok: z.boolean(),
  statements: z.number(),
  failures: z.array(z.object({ code: z.string(), statement: z.string(), why: z.string() })),
});

export const event = z.object({
  seq: z.number().int(),
  type: z.enum(EVENT_TYPES),
  version: z.literal(1),
  at: millis,
  tenant: z.string(),
  task: z.string().optional(),
  run: z.string().optional(),
  by: z.string(),
  data: z.record(z.string(), json),
});

export const key = z.object({
  id: z.string(),
  principal: z.string(),
  tenant: z.string(),
  roles: z.array(z.string()),
  label: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  createdAt: millis,
  createdBy: z.string(),
  expiresAt: millis.nullable(),
  lastUsedAt: millis.nullable(),
});

/** A key with its text, which is told this once. */
export const madeKey = z.object({ key, text: z.string() });

const grant = z.object({ role: z.string(), tenant: z.string() });
export const principal = z.object({
  id: z.string(),
  kind: z.enum(['human', 'service', 'agent']),
  delegatedBy: nullable,
  roles: z.array(grant),
  createdAt: millis,
  disabledAt: millis.nullable(),
});

export const me = z.object({
  id: z.string(),
  kind: z.enum(['human', 'service', 'agent']),
  delegatedBy: nullable,
  via: z.enum(['key', 'session', 'oidc']),
  roles: z.array(grant),
});

const recipeParam = z.object({ name: z.string(), text: z.string(), required: z.boolean(), example: z.string() });
export const recipe = z.object({ name: z.string(), text: z.string(), params: z.array(recipeParam) });

export const setting = z.object({
  name: z.string(),
  value: nullable,
  origin: z.object({ kind: z.string(), name: z.string() }),
});

export const status = z.object({
  version: z.string(),
  engines: z.record(z.string(), z.string()),
  diskLow: z.boolean(),
  waitsForPerson: z.number().int(),
  tenants: z.number().int(),
});
