import { z } from 'zod';
import { EVENT_TYPES } from '#domain/event.ts';
import { route } from '../route.ts';
import { inPlace, inTenant, json, millis, name, nullable, text } from '../schemas.ts';

const auditRow = z.object({
  seq: z.number().int(),
  time: z.string(),
  tenant: z.string(),
  type: z.string(),
  by: z.string(),
  task: nullable,
  run: nullable,
  data: z.record(z.string(), json),
  decision: z.record(z.string(), json).nullable(),
});

const policyChecked = z.object({
  effects: z.number().int(),
  checked: z.number().int(),
  ratio: z.number().nullable(),
  unchecked: z.array(z.object({ seq: z.number().int(), type: z.string() })),
});

const logVerification = z.object({
  ok: z.boolean(),
  size: z.number().int(),
  root: z.string(),
  failures: z.array(z.object({ code: z.string(), index: z.number(), why: z.string() })),
  audit: z.object({
    ok: z.boolean(),
    events: z.number().int(),
    pruned: z.number().int(),
    open: z.number().int(),
    hash: z.string(),
    failures: z.array(z.object({ code: z.string(), seq: z.number(), why: z.string() })),
  }),
});

const codes = z.array(z.string());

const rehearsal = z.object({
  since: millis,
  decisions: z.number().int(),
  changed: z.number().int(),
  counts: z.record(z.string(), z.number()),
  drifted: z.number().int(),
  withoutRoles: z.number().int(),
  differences: z.array(
    z.object({
      decision: z.string(),
      at: millis,
      tenant: z.string(),
      action: z.string(),
      resource: z.string(),
      before: z.string(),
      after: z.string(),
      codes: z.object({ before: codes, after: codes }),
    }),
  ),
});

const fleetFile = z.strictObject({ tenants: z.record(z.string().max(40), z.record(z.string(), json)) });

const fieldChange = z.object({ field: z.string(), from: json, to: json });

const fleetPlan = z.object({
  steps: z.array(z.object({ kind: z.string(), target: z.string(), changes: z.array(fieldChange) })),
  drift: z.array(fieldChange.extend({ tenant: z.string() })),
  unmanaged: z.array(z.string()),
  conflicts: z.array(z.string()),
});

const erased = z.object({
  tenant: z.string(),
  rows: z.number().int(),
  events: z.number().int(),
  statements: z.number().int(),
});

const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional();
const search = {
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  since: time,
  until: time,
  type: z.enum(EVENT_TYPES).optional(),
  by: text(120).optional(),
  task: name.optional(),
  text: text(200).optional(),
};

/** The audit log, policy as a whole, the fleet as a file, and what cannot be taken back. */
export const GOVERNANCE_ROUTES = {
  searchAudit: route({
    method: 'GET',
    path: '/tenants/{tenant}/audit',
    group: 'Audit',
    summary:
      'Search the audit log, oldest first: who did what, when, and what policy said; `next` is the `after` of the following page',
    action: 'tenant.read',
    params: inPlace,
    query: z.strictObject({ ...search, limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    answer: z.object({ items: z.array(auditRow), next: z.number().int().nullable() }),
  }),
  exportAudit: route({
    method: 'GET',
    path: '/tenants/{tenant}/audit/export',
    group: 'Audit',
    summary:
      'Export the audit log as JSON lines, syslog (RFC 5424) or CEF, at most 10000 lines; go on after the last number',
    action: 'tenant.read',
    params: inPlace,
    query: z.strictObject({
      ...search,
      format: z.enum(['jsonl', 'syslog', 'cef']).default('jsonl'),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000),
    }),
    answer: z.string(),
    answers: 'text',
  }),
  checkedEffects: route({
    method: 'GET',
    path: '/tenants/{tenant}/audit/checked',
    group: 'Audit',
    summary: 'Count the effects on record that an allowing decision of policy came before',
    action: 'tenant.read',
    params: inPlace,
    answer: policyChecked,
  }),
  pruneAudit: route({
    method: 'POST',
    path: '/audit/prune',
    group: 'Audit',
    summary:
      'Drop events and decisions from before a time from the audit log; what is gone is signed, and the rest verifies as before',
    action: 'audit.prune',
    body: z.strictObject({ before: z.number().int().min(0).max(8_640_000_000_000_000) }),
    answer: z.object({ pruned: z.boolean(), to: z.number().int(), events: z.number().int() }),
  }),
  verifyLog: route({
    method: 'GET',
    path: '/log/verification',
    group: 'Audit',
    summary: 'Compute the transparency log and the audit chain anew and find what was edited, moved or removed',
    action: 'platform.read',
    answer: logVerification,
  }),
  rehearsePolicy: route({
    method: 'GET',
    path: '/policy/rehearsal',
    group: 'Policy',
    summary: 'Show what the policy of today would do to the decisions on record',
    action: 'platform.read',
    query: z.strictObject({ since: time }),
    answer: rehearsal,
  }),
  exportConfig: route({
    method: 'GET',
    path: '/config/fleet',
    group: 'Configuration',
    summary: 'Show tenants and repositories as the document that plan and apply read',
    action: 'platform.read',
    answer: z.object({ tenants: z.record(z.string(), z.unknown()) }),
  }),
  planConfig: route({
    method: 'POST',
    path: '/config/plan',
    group: 'Configuration',
    summary:
      'Show what would change so that tenants and repositories are as the document says, and what was changed by hand',
    action: 'platform.read',
    body: fleetFile,
    answer: fleetPlan,
  }),
  applyConfig: route({
    method: 'POST',
    path: '/config/apply',
    group: 'Configuration',
    summary:
      'Make tenants and repositories what the document says; nothing is deleted, and each step is decided by policy',
    action: 'config.apply',
    body: fleetFile,
    answer: fleetPlan,
  }),
  rotateMasterKey: route({
    method: 'POST',
    path: '/secrets/rotate',
    group: 'Installation',
    summary: 'Put a new master key in the place of the one in its file',
    action: 'secret.rotate',
    answer: z.object({ dataKeys: z.number().int() }),
  }),
  eraseTenant: route({
    method: 'POST',
    path: '/tenants/{tenant}/erase',
    group: 'Tenants',
    summary: 'Erase a tenant for good: its rows, contents, repositories and its key; `confirm` repeats its name',
    action: 'tenant.erase',
    params: inTenant,
    body: z.strictObject({ confirm: name }),
    answer: erased,
  }),
};
